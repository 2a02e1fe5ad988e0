"""Organisations, their members, what each role may do, and how one comes in."""
