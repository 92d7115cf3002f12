"""Documents of a text: between blank lines, articles of WikiExtractor, or JSON objects.

WikiExtractor puts ``<doc id="..." url="..." title="...">`` before an article and ``</doc>`` behind
it. With ``--json``, and in many data sets, a line is an object whose ``text`` has a paragraph a
line. Inside of both a blank line separates paragraphs only, and ``&lt;``, ``&gt;`` and ``&amp;``,
which WikiExtractor writes in both, become the characters again.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from data_prep.errors import InputError
from data_prep.files.bounded_lines import bounded_lines, read_pieces, whole_lines
from data_prep.files.json_values import parse_json
from data_prep.files.lines import Progress

BORDER = ""
"""The line that stands for the border between two documents."""
MAX_OBJECT_BYTES = 1 << 24  # memory holds a few copies of a line

_BEGIN = re.compile(r'<doc id=".*" title=".*">')
_END = "</doc>"
_OBJECT = re.compile(rb'\s*\{\s*("[^"]*"\s*:|\}\s*$)')
_ESCAPED = re.compile("&(lt|gt|amp);")
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&"}


def document_lines(binary: BinaryIO, name: str, progress: Progress) -> Iterator[str]:
    """The lines of a text, runs of white space made one space; ``BORDER`` separates documents.

    The first line that is not blank tells whether the lines are JSON objects.

    Args:
        binary: the text, from its beginning on.
        name: what messages call it.
        progress: counts the lines that have been read.

    Raises:
        InputError: a line should be a JSON object with a ``text``, and is none; or it is too long.
        UnicodeDecodeError: the text is not UTF-8.
    """
    pieces = read_pieces(binary)
    for first in pieces:
        if first.strip():
            pieces = chain([first], pieces)
            if is_object(first):
                yield from object_lines(pieces, name, progress)
            else:
                yield from article_lines(bounded_lines(pieces), progress)
            return
        progress.line += 1
        yield BORDER


def is_object(line: bytes) -> bool:
    """Whether a line begins as a JSON object does, and no sentence."""
    return bool(_OBJECT.match(line))


def begins_article(line: bytes) -> bool:
    """Whether a line is WikiExtractor's before an article."""
    return bool(_BEGIN.fullmatch(line.decode(errors="replace").strip()))


def article_lines(
    lines: Iterable[bytes], progress: Progress, in_article: bool = False
) -> Iterator[str]:
    """The text of lines among which there may be articles of WikiExtractor.

    Args:
        in_article: whether the first line lies within one.
    """
    for line in lines:
        text = " ".join(line.decode("utf-8").split())
        progress.line += 1
        if text == _END or (text.startswith("<doc ") and _BEGIN.fullmatch(text)):
            in_article = text != _END
            yield BORDER
        elif not in_article:
            yield text
        elif text:
            yield _unescaped(text)


def object_lines(pieces: Iterable[bytes], name: str, progress: Progress) -> Iterator[str]:
    """The paragraphs of the ``text`` of each object, with ``BORDER`` behind each object."""
    for line in whole_lines(pieces, MAX_OBJECT_BYTES):
        if len(line) > MAX_OBJECT_BYTES:
            raise InputError(
                f"{name}, line {progress.line + 1}: a JSON object above {MAX_OBJECT_BYTES >> 20} "
                "MiB; divide its text into several objects"
            )
        content = line.decode("utf-8")
        progress.line += 1
        if not content.strip():
            continue
        try:
            text = parse_json(content)["text"].encode()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f'{name}, line {progress.line}: no JSON object with a "text", though the first '
                "line begins as an object; correct the line, or take it out"
            ) from error
        for paragraph in bounded_lines(read_pieces(io.BytesIO(text))):
            if words := paragraph.decode().split():
                yield _unescaped(" ".join(words))
        yield BORDER


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: _CHARACTERS[found[1]], text) if "&" in text else text
