"""Text that a command reads line by line, from a file or from standard input."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.byte_order_marks import UTF_8
from data_prep.files.lines import text_errors, text_lines

STANDARD_INPUT = "standard input"


def input_lines(path: str | Path | None) -> list[str]:
    """The lines of a UTF-8 text, runs of white space made one space.

    Args:
        path: None reads standard input.

    Raises:
        InputError: there is no text, it is not UTF-8, or a line is empty: results are a row a line.
    """
    lines = _standard_input() if path is None else [*text_lines(path)]
    name = STANDARD_INPUT if path is None else path
    if not lines:
        raise InputError(f"{name}: no text in it; give a text a line")
    if not all(lines):
        raise InputError(f"{name}, line {lines.index('') + 1}: empty; take it out, or fill it in")
    return lines


def _standard_input() -> list[str]:
    with text_errors(STANDARD_INPUT) as progress:
        lines = []
        for line in io.TextIOWrapper(sys.stdin.buffer, encoding=UTF_8, newline="\n"):
            progress.line += 1
            lines.append(" ".join(line.split()))
        return lines
