"""Samples of text of any size, from places spread evenly over its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.bounded_lines import bounded_lines, read_pieces
from data_prep.files.byte_order_marks import mark_length
from data_prep.files.documents import (
    BORDER,
    article_lines,
    begins_article,
    is_object,
    object_lines,
)
from data_prep.files.lines import Progress
from data_prep.files.text_units import stream_lines

WINDOWS = 32  # places in the corpus that the sample is taken from


def sample_lines(files: Sequence[str], words: int) -> Iterator[str]:
    """Lines of about ``words`` words from places spread evenly over the files.

    A gzip file is sampled at its beginning: it cannot be entered in the middle.

    Raises:
        InputError: a file is not UTF-8 text, or is damaged.
    """
    sizes = [Path(name).stat().st_size - mark_length(name) for name in files]
    total = sum(sizes)
    per_window = max(1, words // max(WINDOWS, len(files)))
    for name, size in zip(files, sizes, strict=True):
        if name.endswith(".gz"):
            lines = (line for line, _ in stream_lines([name]))
            yield from _some(lines, max(1, words * size // max(total, 1)))
            continue
        windows = max(1, WINDOWS * size // max(total, 1))
        offsets = [size * i // windows for i in range(windows)]
        first = _first_line(name)
        if is_object(first):
            starts = _line_starts(name, offsets, size)
            wanted = per_window * windows // len(starts)
            for begin, end in pairwise([*starts, size]):
                yield from _some(_objects_between(name, begin, end), wanted)
            continue
        in_articles = begins_article(first)
        for begin, end in pairwise([*offsets, size]):
            yield from _some(_lines_between(name, begin, end, in_articles), per_window)


def _some(lines: Iterable[str], words: int) -> Iterator[str]:
    for line in lines:
        yield line
        words -= line.count(" ") + 1
        if words <= 0:
            return


def _first_line(name: str) -> bytes:
    """The first line that is not blank, or its beginning; b"" if there is none."""
    with open(name, "rb") as binary:
        return next((piece for piece in read_pieces(binary) if piece.strip()), b"")


def _lines_between(name: str, begin: int, end: int, in_articles: bool) -> Iterator[str]:
    """The lines of a plain file in about [begin, end) bytes of its text."""
    mark = mark_length(name)
    with open(name, "rb") as binary:
        binary.seek(mark + begin)
        lines = bounded_lines(read_pieces(binary))
        if begin:
            next(lines, None)  # its beginning may be cut off
        try:
            for line in article_lines(lines, Progress(), in_articles and begin > 0):
                yield line
                if binary.tell() >= mark + end:
                    return
        except UnicodeDecodeError as error:
            raise InputError(
                f"{name}: not UTF-8 text before byte {binary.tell()} ({error.reason}); "
                "convert it first, for example with iconv"
            ) from error


def _line_starts(name: str, offsets: Sequence[int], size: int) -> list[int]:
    """The bytes of a text where the first line at or behind each offset begins, in order."""
    mark = mark_length(name)
    starts = set()
    with open(name, "rb") as binary:
        for offset in offsets:
            binary.seek(mark + max(0, offset - 1))
            if offset:
                next((piece for piece in read_pieces(binary) if piece.endswith(b"\n")), None)
            starts.add(binary.tell() - mark)
    return sorted(start for start in starts if start < size)


def _objects_between(name: str, begin: int, end: int) -> Iterator[str]:
    """The text of the JSON objects whose lines begin in [begin, end) bytes of a file's text."""
    mark = mark_length(name)
    with open(name, "rb") as binary:
        binary.seek(mark + begin)
        try:
            for line in object_lines(read_pieces(binary), name, Progress()):
                yield line
                if line == BORDER and binary.tell() >= mark + end:
                    return
        except (InputError, UnicodeDecodeError):
            for _ in stream_lines([name]):  # from the beginning, so that it names the line
                pass
            raise
