"""Labeled text: examples, splits, contrast sets, its data-bin."""
