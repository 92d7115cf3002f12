"""Translated text as two files, ``PREFIX.en`` and ``PREFIX.de``, their lines in step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.lines import text_lines

Languages = tuple[str, str]
"""Source and target, the endings of the files."""


def side(prefix: Path, language: str) -> Path:
    """The file of a language."""
    return prefix.with_name(f"{prefix.name}.{language}")


def copy_text(source: Path, destination: Path) -> None:
    """Copies a text, runs of white space made one space."""
    with destination.open("w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in text_lines(source))


def check_in_step(counts: Mapping[Path, int]) -> int:
    """The number of lines that two files both have.

    Raises:
        InputError: the numbers differ.
    """
    (source, lines), (target, others) = counts.items()
    if lines != others:
        raise InputError(
            f"{source} has {lines:,} lines of text, but {target} has {others:,}; "
            "give files whose lines are translations of each other"
        )
    return lines


def count_pairs(prefix: Path, languages: Languages) -> int:
    """The number of lines that both sides have.

    Raises:
        InputError: a side is missing or has no text, or the numbers differ.
    """
    counts = {}
    for path in (side(prefix, language) for language in languages):
        if not path.is_file():
            raise InputError(f"{path}: no such file; check the path and the languages")
        filled = [bool(line) for line in text_lines(path, f"checking {path.name}")]
        if not any(filled):
            raise InputError(f"{path}: no text in it; give at least one sentence")
        counts[path] = len(filled)
    return check_in_step(counts)
