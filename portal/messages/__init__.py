"""What is written to people: an outbox, sent once, and the wording."""
