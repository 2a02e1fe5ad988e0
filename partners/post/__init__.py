"""What carries letters outside: e-mail servers."""
