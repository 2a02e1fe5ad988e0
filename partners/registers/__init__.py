"""Public registers of companies: what anyone may know about a SIREN."""
