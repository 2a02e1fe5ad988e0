"""The database's history, one purpose a page."""
