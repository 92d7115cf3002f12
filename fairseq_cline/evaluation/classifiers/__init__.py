"""Classifiers of raw text: loading, metrics, choice among checkpoints."""
