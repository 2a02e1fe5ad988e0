"""The debtor's page without account: its link, what it shows, what the debtor says there, and payment by card."""
