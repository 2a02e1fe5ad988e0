"""Collection beside the financing: reminders, promises, disputes, and what to do next about each debt."""
