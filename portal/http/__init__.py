"""The door: one transaction per request, who calls, what they may do, and what a refusal looks like."""
