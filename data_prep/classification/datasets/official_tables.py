"""Tab-separated tables as benchmarks publish them, to lines of label and text.

Nothing is quoted in them: a quotation mark is a character like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from data_prep.classification.examples import Example, write_examples
from data_prep.errors import InputError
from data_prep.files.lines import read_lines

MAX_DAMAGED = 0.01
"""Share of a table's rows that may be damaged, as a few of QQP are."""


def read_rows(
    path: Path, columns: Sequence[str], header: Sequence[str] | None = None
) -> Iterator[list[str] | None]:
    """The cells of some columns, row by row; None for a row that lacks one or where one is empty.

    Args:
        columns: their names.
        header: names of all columns, for a file that does not begin with them.

    Raises:
        InputError: the file lacks a column.
    """
    # Closing ends the progress bar, so that a message has a line of its own.
    with closing(read_lines(path, path.name, newline="\n")) as lines:
        table = (line.rstrip("\r\n").split("\t") for line in lines)
        names = header or [name.strip("\ufeff ") for name in next(table, [])]
        missing = [column for column in columns if column not in names]
        if missing:
            raise InputError(
                f"{path}: no column {', '.join(missing)} in its first line; fetch the file again"
            )
        places = [names.index(column) for column in columns]
        for cells in table:
            found = [" ".join(cells[place].split()) for place in places if place < len(cells)]
            yield found if len(found) == len(places) and all(found) else None


def write_rows(rows: Iterator[list[str] | None], source: Path, destination: Path) -> None:
    """Write rows of a label and one or two texts; damaged ones are left out, and said.

    Args:
        source: the table, for messages.

    Raises:
        InputError: too many are damaged.
    """
    whole = damaged = 0

    def examples() -> Iterator[Example]:
        nonlocal whole, damaged
        for row in rows:
            if row is None:
                damaged += 1
            else:
                whole += 1
                yield Example(row[0], tuple(row[1:]))

    write_examples(destination, examples())
    if damaged > MAX_DAMAGED * (whole + damaged):
        raise InputError(
            f"{source}: {damaged:,} of {whole + damaged:,} rows lack a column; fetch the file again"
        )
    if damaged:
        print(f"{source.name}: {damaged:,} damaged rows left out")
