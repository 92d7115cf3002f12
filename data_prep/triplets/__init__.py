"""Triplets of CLINE: a text with a version of the same and one of another meaning."""
