"""The four ways to be paid early, each with its tariff and its price, on one quote."""
