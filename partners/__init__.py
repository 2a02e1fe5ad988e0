"""Everyone outside: lenders, invoice formats, company registers, post.

Translates their words and formats into ours; keeps no state and knows no member.
"""
