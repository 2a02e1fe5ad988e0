"""What a whole book of receivables looks like on a day."""
