"""Translated text: reading it, cutting it into pieces, its data-bin."""
