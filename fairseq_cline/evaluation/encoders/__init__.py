"""Sentence vectors of RoBERTa-like encoders, and what is measured on them."""
