"""Lines of a stream, read in pieces so that memory does not grow with a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from data_prep.files.byte_order_marks import MARK, without_mark

MAX_LINE_BYTES = 1 << 16  # longer lines are cut at a space


def read_pieces(binary: BinaryIO) -> Iterator[bytes]:
    """Lines, or ``MAX_LINE_BYTES`` of one, from behind a byte order mark on."""
    first = binary.readline(MAX_LINE_BYTES)
    piece = without_mark(first)
    if piece != first and not piece.endswith(b"\n"):
        piece += binary.readline(len(MARK))  # so that a long line is cut where it always is
    while piece:
        yield piece
        piece = binary.readline(MAX_LINE_BYTES)


def bounded_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines that some pieces make up; one above ``MAX_LINE_BYTES`` comes in parts, cut at
    spaces."""
    rest = b""
    for piece in pieces:
        cut = len(piece) == MAX_LINE_BYTES and not piece.endswith(b"\n")
        piece, rest = rest + piece, b""
        if cut:
            place = piece.rfind(b" ")
            if place > 0:
                piece, rest = piece[:place], piece[place + 1 :]
            else:  # at least no character is cut in two; what is none is left to the decoder
                ends = (i for i in range(len(piece) - 4, len(piece)) if piece[i] & 0xC0 != 0x80)
                place = max(ends, default=len(piece))
                piece, rest = piece[:place], piece[place:]
        yield piece
    if rest:
        yield rest


def whole_lines(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The lines that some pieces make up, each in one; of one above ``most`` bytes only the
    beginning, which is longer than ``most``: no line follows."""
    parts: list[bytes] = []
    size = 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if piece.endswith(b"\n") or size > most:
            yield b"".join(parts)
            if size > most:
                return
            parts, size = [], 0
    if parts:
        yield b"".join(parts)
