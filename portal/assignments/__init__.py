"""Assignments: the deed, its signature, its date, and the rule that a debt is assigned once."""
