"""Funding requests: applied for, sent to lenders, answered by offers, one of them accepted."""
