"""Lenders: sending them dossiers, understanding their answers, choosing who is asked.

A lender is reached through an adapter of the registry; adapters know no other lender.
"""
