"""Payment services that debtors pay through, on their creditor's own account."""
