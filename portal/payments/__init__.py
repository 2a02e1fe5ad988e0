"""Payments by debtors, and which receivables they settle."""
