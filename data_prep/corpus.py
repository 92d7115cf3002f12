"""Text in: files, folders, gzip and standard input as a stream of work units.

A unit is a run of lines of about ``UNIT_CHARACTERS`` characters. Units depend on the input alone,
so their numbers seed the random choices and the result does not depend on who works on them.
"""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

UNIT_CHARACTERS = 128 * 1024
STDIN = "-"


class InputError(ValueError):
    """Bad input; the message is one line that names the file or flag and the remedy."""


@dataclass(frozen=True)
class Unit:
    """A numbered run of lines; an empty line is a document boundary."""

    index: int
    lines: list[str]
    consumed: int
    """Bytes read from the input (compressed bytes for .gz) up to the end of this unit."""


def input_files(inputs: Sequence[str]) -> list[str]:
    """Expand folders (recursively, sorted by name) and check that every input can be read."""
    files: list[str] = []
    for name in inputs:
        path = Path(name)
        if name == STDIN or path.is_file():
            files.append(name)
        elif path.is_dir():
            inside = sorted(str(p) for p in path.rglob("*") if p.is_file())
            if not inside:
                raise InputError(f"{name}: the folder holds no file; give a text file or folder")
            files.extend(inside)
        else:
            raise InputError(f"{name}: no such file or folder; check the path")
    if files.count(STDIN) > 1:
        raise InputError("standard input (-) can be given only once")
    return files


def total_bytes(files: Sequence[str]) -> int | None:
    """Bytes on disk of all files, or None when standard input is among them."""
    return None if STDIN in files else sum(Path(name).stat().st_size for name in files)


def _open(name: str) -> tuple[io.TextIOBase, Callable[[], int]]:
    """Open for reading as text; also a function that tells the bytes consumed so far."""
    if name == STDIN:
        stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="strict")
        return stream, lambda: 0
    raw = open(name, "rb")  # noqa: SIM115 - closed by the text wrapper's owner
    binary = gzip.GzipFile(fileobj=raw) if name.endswith(".gz") else raw
    return io.TextIOWrapper(binary, encoding="utf-8", errors="strict"), raw.tell


def read_lines(files: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield (line, bytes consumed); runs of white space become one space.

    A document boundary (empty line) follows each file.

    Raises:
        InputError: a file is not UTF-8 text, or a truncated or damaged gzip file.
    """
    before = 0
    for name in files:
        stream, consumed = _open(name)
        number = 0
        try:
            for line in stream:
                number += 1
                yield " ".join(line.split()), before + consumed()
        except UnicodeDecodeError as error:
            raise InputError(
                f"{name}: not UTF-8 text after line {number} ({error.reason}); "
                "convert it first, for example with iconv"
            ) from error
        except (EOFError, gzip.BadGzipFile, OSError) as error:
            raise InputError(
                f"{name}: cannot be read after line {number} ({error}); "
                "the file is truncated or damaged, fetch it again"
            ) from error
        before += consumed()
        if name != STDIN:
            stream.close()
        yield "", before


def units(files: Sequence[str]) -> Iterator[Unit]:
    """Group the lines of ``files`` into numbered units."""
    lines: list[str] = []
    size = index = consumed = 0
    for line, consumed in read_lines(files):
        lines.append(line)
        size += len(line) + 1
        if size >= UNIT_CHARACTERS:
            yield Unit(index, lines, consumed)
            lines, size, index = [], 0, index + 1
    if any(lines):
        yield Unit(index, lines, consumed)


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
            raise InputError(f"{', '.join(self.files)}: no text in it; give at least one sentence")
        return self._seen

    def __iter__(self) -> Iterator[Unit]:
        return chain(self._seen, self._units)
