"""Dunning: which step is due for which receivable, how it is worded, and sending it once."""
