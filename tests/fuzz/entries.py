"""The table of commands and binaries.

A new command joins by one entry in ``preparation_entries`` or ``evaluation_entries``: a valid
command line with the small inputs of ``inputs``, and the formats of its files. Its options are read
from its parser.
"""

from dataclasses import replace

from fuzz.binary_entries import binaries
from fuzz.entry import SPM, SPM_FILES, Entry
from fuzz.evaluation_entries import evaluation
from fuzz.formats import (
    CHECKPOINT,
    NEEDED_MANIFEST,
    REPORT,
    TABLE,
    TEXT_FILE,
    TOKENIZER,
)
from fuzz.preparation_entries import preparation

# An export leaves out what only pre-training has, and does not look at it.
EXPORTED = CHECKPOINT._replace(accepted=frozenset({"odd tensor"}))
PREPARATION, EVALUATION = "data_prep", "fairseq_cline.evaluation"
PACKAGES = {PREPARATION: preparation, EVALUATION: evaluation, "fairseq_cli": binaries}

ENTRIES = (
    *(
        replace(entry, name=f"{package}.{entry.name}")
        for package, entries in PACKAGES.items()
        for entry in entries()
    ),
    Entry(
        "fairseq_cline.encode",
        f"in/cline.pt {SPM} --input in/raw/test.xx --output out/v.npy --cpu",
        {"in/cline.pt": CHECKPOINT, "in/raw/test.xx": TEXT_FILE, **SPM_FILES},
    ),
    Entry(
        "fairseq_cline.classify_text",
        "in/trained --input in/raw/test.xx --output out/c.tsv --cpu",
        {
            "in/trained/model.pt": CHECKPOINT,
            "in/trained/spm.model": TOKENIZER,
            "in/trained/*": TABLE,
            "in/raw/test.xx": TEXT_FILE,
        },
    ),
    Entry(
        "fairseq_cline.export:fairseq",
        "in/cline.pt --destdir out/new --tokenizer in/spm",
        {"in/cline.pt": EXPORTED, "in/spm/dict.txt": TABLE},
    ),
    *(
        Entry(
            f"fairseq_cline.export:{form}",
            f"in/{model}.pt --destdir out/new --format {form} {SPM} --data in/triplets "
            "--report in/results/valid.json",
            {
                f"in/{model}.pt": EXPORTED,
                "in/triplets/manifest.json": NEEDED_MANIFEST,
                "in/results/valid.json": REPORT,
                **SPM_FILES,
            },
        )
        for form, model in (("huggingface", "cline"), ("sentence-transformers", "dcl"))
    ),
    Entry(
        "fairseq_cline.import_encoder",
        "in/hub --destdir out/new",
        {"in/hub/*.json": REPORT, "in/hub/model.safetensors": TOKENIZER},
    ),
)
"""All entries, by the full names of their modules."""
