"""Whether an invoice may be financed, and what it costs.

Pure: no framework, database, network or clock. Everything a rule needs is an argument: the facts, the law, the day.
"""
