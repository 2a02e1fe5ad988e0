"""Reporting: what each audience sees summed up."""
