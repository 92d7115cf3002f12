"""The rows of a published split, and the labeled text that is made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data_prep.classification.examples import Example, write_examples
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


def write_table(table: Table, destination: Path) -> int:
    """Writes the rows as examples.

    Returns:
        The number of damaged rows, which are left out.

    Raises:
        InputError: too many are damaged.
    """
    whole = damaged = 0

    def examples() -> Iterator[Example]:
        nonlocal whole, damaged
        for row in table.rows:
            if row is None:
                damaged += 1
            else:
                whole += 1
                yield Example(row[0], tuple(row[1:]))

    write_examples(destination, examples())
    if damaged > MAX_DAMAGED * (whole + damaged):
        raise InputError(
            f"{table.source}: {damaged:,} of {whole + damaged:,} rows lack a label or a text; "
            "fetch the file again"
        )
    return damaged
