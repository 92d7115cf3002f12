"""Text that a command reads line by line, from a file or from standard input."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.byte_order_marks import UTF_8
from data_prep.files.lines import read_lines, text_errors

STANDARD_INPUT = "standard input"


def input_lines(path: str | Path | None) -> list[str]:
    """The lines of a UTF-8 text, runs of white space made one space.

    Args:
        path: None reads standard input.

    Raises:
        InputError: there is no text, it is not UTF-8, or a line is empty: results are a row a line.
    """
    lines = [" ".join(line.split()) for line in _lines(path)]
    name = STANDARD_INPUT if path is None else path
    if not lines:
        raise InputError(f"{name}: no text in it; give a text a line")
    if not all(lines):
        raise InputError(f"{name}, line {lines.index('') + 1}: empty; take it out, or fill it in")
    return lines


def input_rows(path: str | Path | None, columns: int) -> list[list[str]]:
    """The texts of each line, with tabs between them.

    Args:
        path: None reads standard input.
        columns: number of texts that a line must have.

    Raises:
        InputError: as `input_lines`; or a line has another number of texts, or an empty one.
    """
    name = STANDARD_INPUT if path is None else path
    rows = [[" ".join(cell.split()) for cell in line.split("\t")] for line in _lines(path)]
    if not rows:
        raise InputError(f"{name}: no text in it; give {columns} a line, with tabs between them")
    for number, cells in enumerate(rows, 1):
        if len(cells) != columns or not all(cells):
            found = "an empty text" if len(cells) == columns else f"{len(cells)} text(s)"
            raise InputError(
                f"{name}, line {number}: {found}, but the model reads {columns} an example, with "
                "tabs between them; correct the line, or take it out"
            )
    return rows


def _lines(path: str | Path | None) -> Iterator[str]:
    if path is not None:
        yield from read_lines(path, newline="\n")
        return
    with text_errors(STANDARD_INPUT) as progress:
        for line in io.TextIOWrapper(sys.stdin.buffer, encoding=UTF_8, newline="\n"):
            progress.line += 1
            yield line
