"""The evidence of one claim in one file that anybody can check without us."""
