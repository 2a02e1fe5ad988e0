"""Runnable stand-ins of the outside, over HTTP: fictional lenders and a company register.

Start it with `python -m partners.sandbox`, or in a thread with `partners.sandbox.server.serve`.
"""
