"""Ranges of the numbers that a user may give, and one message for every number outside of them."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from data_prep.errors import InputError

_TOO_LARGE = 2**63


@dataclass(frozen=True)
class Range:
    """Finite numbers that `contains` is true of; `words` follow "must be a number" in messages."""

    words: str
    contains: Callable[[float], bool]

    def check(self, flag: str, value: float) -> None:
        """Raises InputError when the value of a flag is outside, or a count above 64 bits."""
        too_large = isinstance(value, int) and abs(value) >= _TOO_LARGE
        if too_large or not (math.isfinite(value) and self.contains(value)):
            large = ", which is too large" if too_large else ""
            raise InputError(f"{flag} is {value!s:.40}{large}, but must be a number{self.words}")


def between(least: int, most: int) -> Range:
    """Numbers from `least` to `most`."""
    return Range(f" from {least} to {most}", lambda value: least <= value <= most)


def at_least(least: int, note: str = "") -> Range:
    """Numbers from `least` on; a note explains it to the user."""
    return Range(f", {least} or more{note}", lambda value: value >= least)


def up_to(most: int, name: str) -> Range:
    """Numbers from 0 to `most`, the value of the option of that name."""
    return Range(f" from 0 to {name} {most}", lambda value: 0 <= value <= most)


FINITE = Range("", lambda value: True)
NOT_NEGATIVE = at_least(0)
POSITIVE = Range(" above 0", lambda value: value > 0)
SHARE = Range(" from 0 to 1", lambda value: 0 <= value <= 1)
SHARE_BELOW_1 = Range(", 0 or more and below 1", lambda value: 0 <= value < 1)


def check_options(options: Any, **allowed: Range) -> None:
    """Checks numbers by their names: `check_options(cfg, momentum=SHARE, filters=at_least(1))`.

    Args:
        options: a configuration or parsed arguments; `filter_widths` there is `--filter-widths`
            for the user. In a list every number is checked, and there must be one.

    Raises:
        InputError: a number is outside of its range, or not a number; names flag, value and range.
    """
    for name, numbers in allowed.items():
        flag, value = "--" + name.replace("_", "-"), getattr(options, name)
        if isinstance(value, int | float):
            numbers.check(flag, value)
            continue
        if not value:
            raise InputError(f"{flag} is empty, but each must be a number{numbers.words}")
        for one in value:
            numbers.check(flag, one)
