"""The options of the commands that compare language models, and the frame of their reports."""

import argparse
import os
from typing import Any

from data_prep.files.checksums import file_sha256
from fairseq_cline.evaluation.command_line import add_checkpoints
from fairseq_cline.evaluation.reports.report_file import write_report


def add_language_models(parser: argparse.ArgumentParser) -> None:
    """Adds the checkpoints, their data-bin, ``--json`` and ``--cpu``."""
    add_checkpoints(parser, "decoder-only language models of one dictionary")
    parser.add_argument("--data", required=True, metavar="DATABIN", help="that of the training")


def write_lm_report(path: str, kind: str, data: str, content: dict[str, Any]) -> None:
    """Writes a report on language models with the SHA-256 of their dictionary.

    Args:
        kind: the name of the command.
        data: the data-bin of the models.
    """
    dictionary = file_sha256(os.path.join(data, "dict.txt"))
    write_report(path, kind, {"dictionary_sha256": dictionary, **content})
