"""Quotes: what each product of each lender would do and cost for a receivable; indicative, frozen when shown."""
