"""Preparation of data, raw text to the files that training reads: ``python -m data_prep``."""

from data_prep.files.interrupts import shorten_traceback

shorten_traceback()
