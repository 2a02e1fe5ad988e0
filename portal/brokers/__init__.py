"""Brokers: the mandates SMEs give them, and the portfolios those open."""
