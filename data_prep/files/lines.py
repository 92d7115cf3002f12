"""The lines of text files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from data_prep.errors import InputError


def read_lines(
    path: Path, task: str | None = None, newline: str | None = None, encoding: str = "UTF-8"
) -> Iterator[str]:
    """The lines of a text, with a progress bar named ``task``; None shows none.

    Args:
        newline: what ends a line, as for ``open``; None takes a lone carriage return for one, as
            fairseq does.

    Raises:
        InputError: the file is not text of that encoding.
    """
    number = 0
    try:
        with (
            path.open(encoding=encoding, newline=newline) as text,
            tqdm(
                total=path.stat().st_size,
                desc=task,
                unit="B",
                unit_scale=True,
                disable=task is None,
            ) as bar,
        ):
            for number, line in enumerate(text, 1):  # noqa: B007 - for the message
                yield line
                bar.update(text.buffer.tell() - bar.n)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not {encoding} text after line {number} ({error.reason}); "
            "convert it first, for example with iconv"
        ) from error


def text_lines(path: Path, task: str | None = None) -> Iterator[str]:
    """The lines of a UTF-8 text, runs of white space made one space.

    Only a line feed ends a line: other characters for it would put two files out of step whose
    lines belong together.
    """
    return (" ".join(line.split()) for line in read_lines(path, task, newline="\n"))
