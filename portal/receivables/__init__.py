"""Receivables: brought in from files, kept once, screened, and where each stands."""
