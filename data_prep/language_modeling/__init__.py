"""Tokenized text for language models: its data-bin, and published texts."""
