"""Names in messages: however many and long they are, a message stays one that can be read."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

MOST = 10
_LONGEST = 60  # characters


def listed(names: Iterable[str], are_paths: bool = False) -> str:
    """Names in one line, of which ten at most are spelled out: ``a, b, ... and 3 more``.

    Args:
        are_paths: the end of a name says most, so none is shortened.
    """
    left = iter(names)
    first = islice(left, MOST)
    shown = ", ".join(first if are_paths else map(shortened, first))
    more = sum(1 for _ in left)
    return f"{shown} and {more:,} more" if more else shown


def shortened(name: str) -> str:
    """A name, of which 60 characters at most are shown."""
    return name if len(name) <= _LONGEST else name[: _LONGEST - 3] + "..."
