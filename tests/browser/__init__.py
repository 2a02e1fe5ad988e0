"""Journeys in a real browser, on everything `portal run` starts."""
