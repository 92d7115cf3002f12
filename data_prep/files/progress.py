"""Progress of long work: a bar that moves on a terminal, and in a log file a line every so often."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm

LINE_SECONDS = 30.0
"""Least time from one line of a log file to the next."""
_LINE = "{desc}: {percentage:.0f}% {n_fmt}/{total_fmt} [{elapsed} gone, {remaining} left, {rate_fmt}{postfix}]"
_WITHOUT_TOTAL = "{desc}: {n_fmt} [{elapsed} gone, {rate_fmt}{postfix}]"


class Bar(tqdm):
    """A bar of tqdm on standard error, with tqdm's arguments; ``desc`` says what is done.

    Where that is no terminal it writes no carriage return, but a line each ``LINE_SECONDS``, and one
    at the end unless ``leave`` is False.
    """

    disable: bool
    desc: str
    _told: float = -1  # as far as the last line had come

    def __init__(self, *args: Any, **options: Any) -> None:
        self._moves = sys.stderr.isatty()
        if not self._moves:
            # tqdm looks at least each `maxinterval`.
            options |= {"mininterval": LINE_SECONDS, "maxinterval": LINE_SECONDS}
        super().__init__(*args, **options)
        if not self._moves and not self.disable:
            self.bar_format = _LINE if self.total else _WITHOUT_TOTAL
            self.desc = self.desc.removesuffix(": ")

    def display(self, msg: str | None = None, pos: int | None = None) -> Any:
        """Shows how far the work is; a log file is not told of the start, nor twice of one place."""
        if self._moves:
            return super().display(msg, pos)
        if self.n > self.initial and self.n != self._told:
            self._told = self.n
            self.fp.write(f"{self}\n")
            self.fp.flush()
        return True

    def close(self) -> None:
        """Ends the bar."""
        if self._moves or self.disable:
            super().close()
            return
        self.disable = True
        with self.get_lock():
            self._decr_instances(self)
        if self.leave and self._time() >= self.start_t + self.delay:
            self._ema_dt = lambda: None  # the rate of the whole work, as tqdm tells it at the end
            self.display()
