"""PWWS on a random part of some examples, one line of JSON each, so that a killed run goes on."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from data_prep.corpus import InputError
from data_prep.labelled_text import Example
from data_prep.pwws import FAILED, SKIPPED, SUCCESS, Attack, attack
from data_prep.synonym_places import find_places

Classifier = Callable[[list[tuple[str, ...]]], list[list[float]]]


class AttackLog:
    """The attacks made so far, in a file: first the settings, then an attack a line.

    The order of the examples depends on the seed alone, so a longer run goes on from a shorter one.
    """

    def __init__(self, path: Path, settings: dict[str, Any]) -> None:
        """Open a log; it appears with the first attack.

        Raises:
            InputError: the file was made with other settings, or is no such log.
        """
        self._path, self._settings = path, settings
        self.attacks: dict[int, Attack] = {}
        """By the index of the example."""
        whole = path.read_bytes() if path.is_file() else b""
        whole = whole[: whole.rfind(b"\n") + 1]  # a killed run may leave a half line
        try:
            first, *rest = map(json.loads, whole.splitlines() or [json.dumps(settings)])
            self.attacks = {row.pop("example"): Attack(**row) for row in rest}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(
                f"{path}: not a list of attacks ({error}); move it away and start again"
            ) from error
        if first != settings:
            raise InputError(
                f"{path}: made from other data or a checkpoint or options that differ; move it "
                "away, or choose another output"
            )
        if path.is_file():
            os.truncate(path, len(whole))

    def run(
        self,
        examples: list[Example],
        labels: list[str],
        classifier: Classifier,
        limit: int,
        seed: int,
        max_share: float,
    ) -> None:
        """Attack ``limit`` random examples, but those that are attacked already.

        Of a pair the second text is attacked, as the hypothesis in other work on such attacks.
        """
        order = random.Random(seed).sample(range(len(examples)), len(examples))[:limit]
        missing = [index for index in order if index not in self.attacks]
        lines = find_places(examples[index].texts[-1] for index in missing)
        with tqdm(total=limit, initial=limit - len(missing), desc="PWWS", unit=" texts") as bar:
            for index, line in zip(missing, lines, strict=True):
                example = examples[index]

                def probabilities(texts: list[str], first=example.texts[:-1]) -> list[list[float]]:
                    return classifier([(*first, text) for text in texts])

                found = attack(line, labels.index(example.label), probabilities, max_share)
                self.attacks[index] = found
                self._write(index, found)
                bar.update()
        self.attacks = {index: self.attacks[index] for index in sorted(order)}

    def adversarial(self, examples: list[Example]) -> Iterator[Example]:
        """The examples that the classifier gets wrong now, with their true labels."""
        for index, found in self.attacks.items():
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

    def _write(self, index: int, found: Attack) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            rows = [{"example": index, **asdict(found)}]
            for row in rows if file.tell() else [self._settings, *rows]:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
