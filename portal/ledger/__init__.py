"""Double entry for each financed deal: what was advanced, kept, charged, collected and released.

A memorandum of movements between lender, assignor and debtor: the portal itself holds no money.
"""
