"""Batches of data-bins, and the other files that training reads."""
