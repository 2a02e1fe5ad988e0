"""Debtors: who owes, and what is known of how they pay."""
