"""The lines of text files, with errors that name the file and the line."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.byte_order_marks import mark_length
from data_prep.files.inputs import check_readable
from data_prep.files.progress import Bar


@dataclass
class Progress:
    """A count of the lines that have been read."""

    line: int = 0


@contextmanager
def text_errors(path: str | os.PathLike[str], encoding: str = "UTF-8") -> Iterator[Progress]:
    """Turns errors while a text is read into InputError.

    Yields the progress that the message tells; the reader keeps it.

    Raises:
        InputError: the file cannot be read, or is not text of that encoding.
    """
    progress = Progress()
    try:
        yield progress
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not {encoding} text after line {progress.line} ({error.reason}); "
            "convert it first, for example with iconv"
        ) from error
    except (EOFError, zlib.error, OSError) as error:
        if reason := getattr(error, "strerror", None):
            remedy = "check the path and its permissions"
        else:
            reason, remedy = error, "it is truncated or damaged, so fetch it again"
        place = f" after line {progress.line}" if progress.line else ""
        raise InputError(f"{path}: cannot be read{place} ({reason}); {remedy}") from error


def read_lines(
    path: str | os.PathLike[str],
    task: str | None = None,
    newline: str | None = None,
    encoding: str = "UTF-8",
) -> Generator[str]:
    """The lines of a text with their ends, from behind a byte order mark on.

    Args:
        task: name of a progress bar; None shows none.
        newline: what ends a line, as for ``open``; None takes a lone carriage return for one, as
            fairseq does.

    Raises:
        InputError: the file cannot be read, or is not text of that encoding.
    """
    path = Path(path)
    check_readable(path)
    with (
        text_errors(path, encoding) as progress,
        path.open("rb") as binary,
        io.TextIOWrapper(binary, encoding=encoding, newline=newline) as text,
        Bar(
            total=path.stat().st_size, desc=task, unit="B", unit_scale=True, disable=task is None
        ) as bar,
    ):
        binary.seek(mark_length(path))
        for line in text:
            progress.line += 1
            yield line
            bar.update(binary.tell() - bar.n)


def text_lines(path: str | os.PathLike[str], task: str | None = None) -> Iterator[str]:
    """The lines of a UTF-8 text without their ends, runs of white space made one space.

    Only a line feed ends a line: other characters for it would put two texts out of step.

    Args:
        task: name of a progress bar; None shows none.

    Raises:
        InputError: the file cannot be read, or is not UTF-8 text.
    """
    return (" ".join(line.split()) for line in read_lines(path, task, newline="\n"))
