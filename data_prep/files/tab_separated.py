"""Tab-separated tables as benchmarks publish them.

Nothing is quoted in them: a quotation mark is a character like any other.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.lines import read_lines


def read_rows(
    path: Path, columns: Sequence[str], header: Sequence[str] | None = None
) -> Generator[list[str] | None]:
    """The cells of some columns, row by row; None for a row that lacks one or where one is empty.

    Args:
        columns: their names.
        header: the name of every column, for a file that does not begin with the names.

    Raises:
        InputError: the file lacks a column.
    """
    # Closing ends the progress bar, so that a message has a line of its own.
    with closing(read_lines(path, path.name, newline="\n")) as lines:
        table = (line.rstrip("\r\n").split("\t") for line in lines)
        names = header or [name.strip() for name in next(table, [])]
        missing = [column for column in columns if column not in names]
        if missing:
            raise InputError(
                f"{path}: no column {', '.join(missing)} in its first line; fetch the file again"
            )
        places = [names.index(column) for column in columns]
        for cells in table:
            found = [" ".join(cells[place].split()) for place in places if place < len(cells)]
            yield found if len(found) == len(places) and all(found) else None
