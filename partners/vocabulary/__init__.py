"""Our words for what partners tell us: one module per kind of partner."""
