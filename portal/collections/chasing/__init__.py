"""What people do beside the scenarios: calls, follow-ups, notes, and who stands in for whom."""
