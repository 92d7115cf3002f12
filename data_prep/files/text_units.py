"""Text of any size: files, folders, gzip and standard input as a stream of work units.

A unit is a run of lines of about ``UNIT_CHARACTERS`` characters. Units depend on the input alone,
so their numbers seed the random choices and the result does not depend on who works on them.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

from data_prep.errors import InputError
from data_prep.files.documents import BORDER, document_lines
from data_prep.files.inputs import check_readable
from data_prep.files.lines import text_errors
from data_prep.files.name_lists import listed

UNIT_CHARACTERS = 128 * 1024
STDIN = "-"


@dataclass(frozen=True)
class Unit:
    """A numbered run of lines; an empty line is the border between two documents."""

    index: int
    lines: list[str]
    consumed: int
    """Bytes read from the input (compressed bytes for .gz) up to the end of this unit."""
    digest: str
    """SHA-256 of all text up to the end of this unit: tells whether the text is still the same."""


def input_files(inputs: Sequence[str]) -> list[str]:
    """The files of some inputs: folders are expanded, recursively and sorted by name.

    Raises:
        InputError: an input is not there, is a folder without files, or a pipe or a device.
    """
    files: list[str] = []
    for name in inputs:
        if name == STDIN:
            files.append(name)
        elif os.path.isdir(name):  # "" is none, while Path("") is the current folder
            inside = sorted(str(p) for p in Path(name).rglob("*") if p.is_file())
            if not inside:
                raise InputError(f"{name}: the folder holds no file; give a text file or folder")
            files.extend(inside)
        else:
            check_readable(name)
            files.append(name)
    return files


def total_bytes(files: Sequence[str]) -> int | None:
    """The bytes on disk of all files, or None when standard input is among them."""
    return None if STDIN in files else sum(Path(name).stat().st_size for name in files)


def _open(name: str) -> tuple[BinaryIO, Callable[[], int]]:
    """The opened file, and a function that tells the bytes consumed so far."""
    if name == STDIN:
        return sys.stdin.buffer, lambda: 0
    raw = open(name, "rb")  # noqa: SIM115 - stream_lines closes it
    if name.endswith(".gz"):
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw)), raw.tell
    return raw, raw.tell


def stream_lines(files: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The lines of all files, each with the bytes consumed so far.

    Runs of white space become one space. An empty line is the border between two documents, and
    follows each file. The articles of WikiExtractor and JSON objects are documents, too
    (``documents.py``).

    Raises:
        InputError: a file cannot be read, is not UTF-8 text, is a damaged gzip file, or holds JSON
            lines of which one is no object with a ``text``.
    """
    before = 0
    for name in files:
        with text_errors(name) as progress:
            binary, consumed = _open(name)
            for line in document_lines(binary, name, progress):
                yield line, before + consumed()
        before += consumed()
        if name != STDIN:
            binary.close()
        yield BORDER, before


def units(files: Sequence[str]) -> Iterator[Unit]:
    """Groups the lines of some files into numbered units."""
    lines: list[str] = []
    size = index = consumed = 0
    digest = hashlib.sha256()
    for line, consumed in stream_lines(files):
        lines.append(line)
        digest.update(line.encode() + b"\n")
        size += len(line) + 1
        if size >= UNIT_CHARACTERS:
            yield Unit(index, lines, consumed, digest.hexdigest())
            lines, size, index = [], 0, index + 1
    if any(lines):
        yield Unit(index, lines, consumed, digest.hexdigest())


class Corpus:
    """The input of a split as a stream of units, the beginning of which may be looked at first."""

    def __init__(self, inputs: Sequence[str]) -> None:
        self.files = input_files(inputs)
        self._units = units(self.files)
        self._seen: list[Unit] = []

    def beginning(self, words: int = 1) -> list[Unit]:
        """The first units, with at least ``words`` words in all; they stay in the stream.

        Raises:
            InputError: there is no text.
        """
        words -= sum(len(line.split()) for unit in self._seen for line in unit.lines)
        while words > 0 and (unit := next(self._units, None)):
            self._seen.append(unit)
            words -= sum(len(line.split()) for line in unit.lines)
        if not self._seen:
            raise InputError(
                f"{listed(self.files, are_paths=True)}: no text in it; give at least one sentence"
            )
        return self._seen

    def __iter__(self) -> Iterator[Unit]:
        return chain(self._seen, self._units)
