"""The rows of a published split, and the labeled text that they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data_prep.classification.examples import Example, LabeledText
from data_prep.errors import InputError

MAX_DAMAGED = 0.01
"""Share of a table's rows that may be damaged, as a few of QQP are."""

Row = list[str] | None
"""A label and one or two texts; None: a damaged row."""


@dataclass(frozen=True)
class Table:
    """The rows of one split."""

    source: Path
    """The file or folder that the rows come from, for messages."""
    rows: Iterator[Row]


def read_table(table: Table) -> tuple[LabeledText, int]:
    """Reads the rows as examples, runs of white space made one space.

    Returns:
        The examples, and the number of damaged rows, which are left out.

    Raises:
        InputError: too many are damaged.
    """
    examples, damaged = [], 0
    for row in table.rows:
        label, *texts = (" ".join(cell.split()) for cell in row or [""])
        if label and texts and all(texts):
            examples.append(Example(label, tuple(texts)))
        else:
            damaged += 1
    if damaged > MAX_DAMAGED * (len(examples) + damaged):
        raise InputError(
            f"{table.source}: {damaged:,} of {len(examples) + damaged:,} rows lack a label or a "
            "text; fetch the file again"
        )
    return LabeledText(table.source, examples), damaged
