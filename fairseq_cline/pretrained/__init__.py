"""Encoders that other libraries read."""
