"""Preparation of data, raw text to the files that training reads: ``python -m data_prep``."""

import logging

from data_prep.files.interrupts import shorten_traceback

shorten_traceback()
# fairseq advises a package that nothing here needs, whenever it is imported.
logging.getLogger("fairseq.tasks.text_to_speech").setLevel(logging.WARNING)
