"""The table of commands and binaries.

A new command joins by one entry in ``preparation_entries`` or ``evaluation_entries``: a valid
command line with the small inputs of ``inputs``, and the formats of its files. Its options are read
from its parser.
"""

from dataclasses import replace

from fuzz.binary_entries import binaries
from fuzz.entry import Entry
from fuzz.evaluation_entries import evaluation
from fuzz.formats import CHECKPOINT
from fuzz.preparation_entries import preparation

PREPARATION, EVALUATION = "data_prep", "fairseq_cline.evaluation"
PACKAGES = {PREPARATION: preparation, EVALUATION: evaluation, "fairseq_cli": binaries}

ENTRIES = (
    *(
        replace(entry, name=f"{package}.{entry.name}")
        for package, entries in PACKAGES.items()
        for entry in entries()
    ),
    Entry("fairseq_cline.export", "in/cline.pt out/plain.pt", {"in/cline.pt": CHECKPOINT}),
)
"""All entries, by the full names of their modules."""
