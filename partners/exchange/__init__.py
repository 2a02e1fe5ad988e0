"""Signed JSON messages between us and anyone outside: signatures, webhooks, strict reading."""
