"""Sets of words, written as text."""

from __future__ import annotations

from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.lines import text_lines


def words(text: str) -> frozenset[str]:
    """The words between the spaces of a text."""
    return frozenset(text.split())


def read_words(path: Path) -> frozenset[str]:
    """The words of a file, one a line, in small letters.

    Raises:
        InputError: the file cannot be read, or a line has more than a word.
    """
    found = set()
    for number, line in enumerate(text_lines(path), start=1):
        if " " in line:
            raise InputError(f"{path}, line {number}: more than one word; write a word a line")
        if line:
            found.add(line.lower())
    return frozenset(found)
