"""Numbers as options of a command: ``type=whole_number(1)`` refuses all others in words.

Every number is checked when it is parsed, so that none reaches a library that cannot hold it.
"""

from __future__ import annotations

import math
from argparse import ArgumentTypeError
from collections.abc import Callable

MOST = 2**31 - 1
"""The largest count: some libraries count with 32 bits."""
MOST_PROCESSES = 1024
_SHOWN = 40  # characters of a number that is refused


def whole_number(least: int, most: int = MOST) -> Callable[[str], int]:
    """The type of an option that takes whole numbers from ``least`` to ``most``."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:  # no number, or more digits than Python reads
            value = None
        if value is None or not least <= value <= most:
            raise ArgumentTypeError(f"{_shown(text)} is not a whole number from {least} to {most}")
        return value

    return parse


def number(least: float, most: float) -> Callable[[str], float]:
    """The type of an option that takes numbers from ``least`` to ``most``; nan is none."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise ArgumentTypeError(f"{_shown(text)} is not a number from {least:g} to {most:g}")
        return value

    return parse


seed = whole_number(0, 2**32 - 1)
"""The type of an option that seeds random numbers: numpy takes no others."""


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")
