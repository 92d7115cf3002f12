"""Changed checkpoints: where and how they are changed, and a tally of what comes of loading them."""

import argparse
import os
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from hostile_texts import watched
from loading_paths import Kind

from data_prep.errors import InputError

# Number of cases that tests draw; a large one takes them all.
CASES = int(os.environ.get("CHECKPOINT_CASES", "20"))
SEED = int(os.environ.get("CHECKPOINT_SEED", "1"))


@dataclass
class Tally:
    """Numbers of cases, and what must not be."""

    values: int = 0
    loaded: int = 0
    refused: int = 0
    executed: list[str] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)

    def load(self, kind: Kind, way: str, path: Path, what: object) -> None:
        """Loads a file in one way, and notes what comes of it."""
        case = f"{kind.name}, {way}, {what}"
        with watched() as seen:
            try:
                kind.ways[way](path)
                self.loaded += 1
            except InputError as error:
                self.refused += 1
                if "\n" in str(error) or str(path.stem) not in str(error):
                    self.raised.append(f"{case}: not one line that names the file: {error}")
            except BaseException as error:  # noqa: BLE001 - a traceback, in a real binary
                self.raised.append(f"{case}: {error!r:.300}")
                if "CHECKPOINT_CASES" in os.environ:
                    traceback.print_exc(limit=-4)
        self.executed += [f"{case}: {event}" for event in seen]

    def check(self, title: str) -> None:
        """Prints the numbers; fails when something was run, or was no line."""
        print(
            f"{title}: {self.values} values, {self.loaded + self.refused} loads "
            f"({self.refused} refused), {len(self.executed)} executed, {len(self.raised)} tracebacks"
        )
        assert self.executed == []
        assert self.raised == []


def sampled(cases: list) -> list:
    """So many cases as are asked for, in their order."""
    chosen = np.random.default_rng(SEED).permutation(len(cases))[:CASES]
    return [cases[index] for index in sorted(chosen)]


def options(state: dict[str, Any]) -> Iterator[tuple[tuple, Any]]:
    """Every option of a configuration: the keys that lead to it, and its value."""
    for part in ("cfg", "args"):
        if state.get(part) is not None:
            yield from (((part, *place), value) for place, value in _options(state[part]))


def _options(value: Any) -> Iterator[tuple[tuple, Any]]:
    if isinstance(value, argparse.Namespace):
        value = vars(value)
    if not isinstance(value, dict):
        yield (), value
        return
    for key, inner in value.items():
        yield from (((key, *place), leaf) for place, leaf in _options(inner))


def put(state: dict[str, Any], place: tuple, value: Any) -> Any:
    """Changes a checkpoint in one place; returns what was there."""
    *parents, last = place
    inner: Any = state
    for key in parents:
        inner = getattr(inner, key) if isinstance(inner, argparse.Namespace) else inner[key]
    inner = vars(inner) if isinstance(inner, argparse.Namespace) else inner
    before, inner[last] = inner[last], value
    return before
