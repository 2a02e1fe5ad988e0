"""Settlement: the advance disbursed, the debtor's payment, the reserve released or recourse called."""
