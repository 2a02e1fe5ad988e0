"""Rows that are valid by default: a test names only what it is about."""
