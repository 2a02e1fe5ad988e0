"""What a debtor answers and what its creditor makes of it: promises, plans, disputes, replies."""
