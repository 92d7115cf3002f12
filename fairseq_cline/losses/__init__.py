"""Losses: pure functions on tensors, one family a file, unreduced."""
