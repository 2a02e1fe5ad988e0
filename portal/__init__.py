"""The marketplace: who may do what, when, and what is remembered."""
