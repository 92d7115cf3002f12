"""The JSON file of an evaluation: its kind, its format, where it comes from, and its content."""

import os
from typing import Any

from data_prep.files.whole import write_json
from fairseq_cline.evaluation.reports.provenance import provenance

FORMAT = 1
"""Of all kinds; raised when an older reader would misunderstand a file."""


def write_report(path: str | os.PathLike[str], kind: str, content: dict[str, Any]) -> None:
    """Writes a report, whole or not at all.

    Args:
        kind: the name of the command that made it.
        content: what the command found out, as JSON has it.
    """
    report = {"kind": kind, "format": FORMAT, "provenance": provenance(), **content}
    write_json(path, report, indent=2)
