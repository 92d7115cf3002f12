"""Text to token ids, with the offsets of each token."""
