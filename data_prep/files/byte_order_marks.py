"""Byte order marks: three bytes that some editors put before UTF-8 text, and no part of it."""

from __future__ import annotations

import codecs
import os

UTF_8 = "utf-8-sig"
"""The codec of every text that is read: UTF-8 with or without a mark at its beginning."""
MARK = codecs.BOM_UTF8
MARK_CHARACTER = "\ufeff"  # what it is when the text was read with another codec, or within it


def without_mark(content: bytes) -> bytes:
    """The content of a text without its mark, if it has one."""
    return content.removeprefix(MARK)


def mark_length(path: str | os.PathLike[str]) -> int:
    """Number of bytes before the text of a file: those of its mark, or 0."""
    with open(path, "rb") as binary:
        return len(MARK) if binary.read(len(MARK)) == MARK else 0
