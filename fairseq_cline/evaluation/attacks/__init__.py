"""Searches for a version of a text that a classifier gets wrong."""
