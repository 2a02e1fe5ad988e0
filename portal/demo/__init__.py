"""A believable demonstration: fictional companies, two years of invoices, deals in every state."""
