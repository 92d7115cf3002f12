"""Preparation of data, raw text to the files that training reads: ``python -m data_prep``."""
