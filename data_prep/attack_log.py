"""The attacks on some examples in a file, one line of JSON each, so that a killed run goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from data_prep.classification.examples import Example
from data_prep.errors import InputError
from data_prep.pwws import FAILED, SKIPPED, SUCCESS, Attack


class AttackLog:
    """The attacks made so far: in the file first the settings, then an attack a line."""

    def __init__(self, path: Path, settings: dict[str, Any]) -> None:
        """Open a log; it appears with the first attack.

        Raises:
            InputError: the file was made with other settings, or is no such log.
        """
        self._path, self._settings = path, settings
        self.attacks: dict[int, Attack] = {}
        """By the index of the example, in the order in which they were made."""
        whole = path.read_bytes() if path.is_file() else b""
        whole = whole[: whole.rfind(b"\n") + 1]  # a killed run may leave a half line
        self._size = len(whole)
        try:
            first, *rest = map(json.loads, whole.splitlines() or [json.dumps(settings)])
            self.attacks = {row.pop("example"): Attack(**row) for row in rest}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(
                f"{path}: not a list of attacks ({error}); move it away and start again"
            ) from error
        if first != settings:
            raise InputError(
                f"{path}: made from other data or a checkpoint, options or versions of packages that "
                "differ; move it away, or choose another output"
            )
        if path.is_file():
            os.truncate(path, len(whole))

    def add(self, index: int, found: Attack) -> None:
        """Write an attack on an example.

        Raises:
            InputError: another run has written to the file since it was opened.
        """
        self.attacks[index] = found
        with self._path.open("ab") as file:
            if file.tell() != self._size:
                raise InputError(
                    f"{self._path}: another run is writing to it; wait for its end, then give "
                    "this command again"
                )
            rows = [{"example": index, **asdict(found)}]
            for row in rows if self._size else [self._settings, *rows]:
                file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            self._size = file.tell()

    def keep(self, indices: list[int]) -> None:
        """Forget, but leave in the file, the attacks on other examples than these."""
        self.attacks = {index: self.attacks[index] for index in indices}

    def adversarial(self, examples: list[Example]) -> Iterator[Example]:
        """The examples that the classifier gets wrong now, with their true labels."""
        for index, found in sorted(self.attacks.items()):
            if found.outcome == SUCCESS:
                example = examples[index]
                yield Example(example.label, (*example.texts[:-1], found.text))

    def __str__(self) -> str:
        attacks = [*self.attacks.values()]
        right = [found for found in attacks if found.outcome != SKIPPED]
        made = [found for found in right if found.outcome == SUCCESS]
        failed = [found for found in right if found.outcome == FAILED]
        clean, attacked = (len(group) / len(attacks) for group in (right, failed))
        lines = [
            f"{len(attacks):,} examples attacked: {len(made):,} with success, {len(failed):,} "
            + f"without, {len(attacks) - len(right):,} skipped (wrong from the start)",
            f"accuracy {clean:.1%}, under attack {attacked:.1%}; "
            + f"success rate {len(made) / max(len(right), 1):.1%}",
        ]
        if made:
            changed = sum(len(found.changed) / found.words for found in made) / len(made)
            queries = sum(found.queries for found in right) / len(right)
            lines.append(
                f"{changed:.1%} of the words changed in a success, {queries:.0f} queries on average"
            )
        return "\n".join(lines)
