"""Lenders' settings: how they are reached, their rate cards and policies (versioned), their own limits."""
