"""The log of an attack on a classifier: first the settings, then an attack a line, as JSON.

``fairseq_cline.evaluation.adversarial`` writes it, and goes on with it after a stop.
``data_prep.augment_classification`` makes training examples of it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from data_prep.classification.examples import Example
from data_prep.errors import InputError
from data_prep.files.byte_order_marks import without_mark
from data_prep.files.inputs import unreadable
from data_prep.files.json_values import parse_json

SUCCESS, FAILED, SKIPPED = OUTCOMES = ("success", "failed", "skipped")


@dataclass(frozen=True)
class Attack:
    """The attack on a text and its outcome."""

    outcome: str
    """``success``: the class is now wrong; ``failed``; ``skipped``: it was wrong from the start."""
    text: str
    """The text with all words replaced that the search came to replace."""
    changed: list[tuple[str, str]]
    """(word, replacement) in the order of the replacements."""
    words: int
    """Number of the words of the text, punctuation not counted."""
    queries: int
    """Number of the texts that the search had to see, one after the other."""


def examples_sha256(examples: Sequence[Example]) -> str:
    """SHA-256 of examples in their order, which a log has among its settings."""
    return hashlib.sha256("\n".join(map(str, examples)).encode()).hexdigest()


def read_attack_log(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[int, Attack]]:
    """Reads a log; the half line that a killed run may leave does not count.

    Returns:
        The settings, and the attacks by the index of their example, in the order in which they
        were made.

    Raises:
        InputError: there is no such file, or it is no such log.
    """
    if reason := unreadable(path):
        raise InputError(
            f"{path}: cannot be read ({reason}); give a log of "
            "fairseq_cline.evaluation.adversarial --attack"
        )
    try:
        with open(path, "rb") as file:
            return _parse(file.read())
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"{path}: not a list of attacks ({error}); give a log of "
            "fairseq_cline.evaluation.adversarial --attack, or move the file away and start again"
        ) from error


def _parse(content: bytes) -> tuple[dict[str, Any], dict[int, Attack]]:
    lines = without_mark(_whole_lines(content)).splitlines()
    settings, *rows = (parse_json(line.decode()) for line in lines)
    if not isinstance(settings["examples_sha256"], str):
        raise TypeError("its first line has no settings")
    attacks = {row.pop("example"): Attack(**row) for row in rows}
    for index, attack in attacks.items():
        _check(index, attack)
    return settings, attacks


def _check(index: Any, attack: Attack) -> None:
    """Raises ValueError when a line has another content than ``AttackLog`` writes."""
    if attack.outcome not in OUTCOMES:
        raise ValueError(f"{attack.outcome!r:.40} is none of {', '.join(OUTCOMES)}")
    counts = (index, attack.words, attack.queries)
    if not all(type(count) is int and count >= 0 for count in counts):
        raise ValueError("a count is no whole number")
    if not isinstance(attack.text, str) or not all(map(_is_replacement, attack.changed)):
        raise ValueError("a text or a replacement is none")
    if attack.changed and not attack.words:
        raise ValueError("words changed of a text without words")


def _is_replacement(pair: Any) -> bool:
    return len(pair) == 2 and all(isinstance(word, str) for word in pair)


def _whole_lines(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


class AttackLog:
    """A log that is being written, one attack after the other, so that a killed run goes on."""

    def __init__(self, path: str | os.PathLike[str], settings: Mapping[str, Any]) -> None:
        """Opens a log; the file appears with the first attack.

        Args:
            settings: everything that decides the attacks, ``examples_sha256`` among it.

        Raises:
            InputError: the file was made with other settings, or is no such log.
        """
        self._path, self._settings, self._size = path, dict(settings), 0
        self.attacks: dict[int, Attack] = {}
        """By the index of the example, in the order in which they were made."""
        if not os.path.lexists(path):
            return
        if reason := unreadable(path):
            raise InputError(f"{path}: cannot be read ({reason}); move it away, or choose another")
        with open(path, "rb") as file:
            self._size = len(_whole_lines(file.read()))
        if self._size:
            found, self.attacks = read_attack_log(path)
            if found != self._settings:
                raise InputError(
                    f"{path}: made from other data or a checkpoint, options or versions of packages "
                    "that differ; move it away, or choose another output"
                )
        os.truncate(path, self._size)

    def add(self, index: int, attack: Attack) -> None:
        """Writes the attack on an example.

        Raises:
            InputError: another run has written to the file since it was opened.
        """
        self.attacks[index] = attack
        rows = [{"example": index, **asdict(attack)}]
        if not self._size:
            rows.insert(0, self._settings)
        os.makedirs(os.path.dirname(self._path) or ".", exist_ok=True)
        with open(self._path, "ab") as file:
            if file.tell() != self._size:
                raise InputError(
                    f"{self._path}: another run is writing to it; wait for its end, then give "
                    "this command again"
                )
            file.writelines(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
            self._size = file.tell()


def adversarial_examples(
    examples: Sequence[Example], attacks: Mapping[int, Attack]
) -> Iterator[Example]:
    """The examples that the classifier now gets wrong, with their true labels, in their order.

    Args:
        attacks: by the index of the example, of which the last text was attacked.
    """
    for index, attack in sorted(attacks.items()):
        if attack.outcome == SUCCESS:
            example = examples[index]
            yield Example(example.label, (*example.texts[:-1], attack.text))
