"""The splits of a labeled text, checked against each other before anything is written."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from data_prep.classification.columns import check_columns
from data_prep.classification.examples import Example, LabeledText, check_examples
from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import NO_CLASSES
from data_prep.files.name_lists import shortened


@dataclass(frozen=True)
class Draws:
    """Random draws from the training examples."""

    valid_share: float = 0.1
    """Share of the examples that becomes the validation split, when none is given."""
    train_share: float = 1.0
    """Share of the other examples that stays in the training split."""
    seed: int = 1

    def check(self) -> None:
        """Raises InputError when a share is out of its range."""
        if not 0 < self.valid_share < 1:
            raise InputError(f"--valid-share {self.valid_share} must be above 0 and below 1")
        if not 0 < self.train_share <= 1:
            raise InputError(f"--train-share {self.train_share} must be above 0 and at most 1")

    def valid(self, train: list[Example], regression: bool) -> tuple[list[Example], list[Example]]:
        """The examples that are left, and those of the validation split, in their order.

        Of each class one at least is left, so the split can be smaller than its share, or empty.
        """
        size = min(max(round(self.valid_share * len(train)), 1), len(train) - 1)
        rng = random.Random(self.seed)
        order = rng.sample(range(len(train)), size)
        if not regression:
            # Others take the place of those that are the last of their class.
            first = {*order}
            rest = [k for k in range(len(train)) if k not in first]
            order += rng.sample(rest, len(rest))
            left = Counter(example.label for example in train)
            order = [*islice((k for k in order if _take(left, train[k].label)), size)]
        drawn = set(order)
        kept = [example for k, example in enumerate(train) if k not in drawn]
        return kept, [train[k] for k in sorted(drawn)]

    def train(self, train: list[Example], regression: bool) -> list[Example]:
        """A share of the examples in their order, with at least one of each class.

        With the same seed a smaller share is part of a larger one.
        """
        order = random.Random(f"train {self.seed}").sample(range(len(train)), len(train))
        # One of each class, that which comes first.
        firsts = {} if regression else {train[k].label: k for k in reversed(order)}
        size = max(round(self.train_share * len(train)), len(firsts), 1)
        kept = islice(dict.fromkeys([*firsts.values(), *order]), size)
        return [train[k] for k in sorted(kept)]


def _take(left: Counter[str], label: str) -> bool:
    """Takes one of a class, unless it is the last; returns whether it did."""
    can = left[label] > 1
    left[label] -= can
    return can


def _check_names(text: LabeledText) -> None:
    """Raises InputError when a dictionary cannot have a label as a class."""
    for number, example in enumerate(text.examples, 1):
        if example.label in NO_CLASSES:
            raise InputError(
                f"{text.place(number)}: '{example.label}' cannot be a class, because fairseq's "
                "dictionaries have a symbol of that name; give the class another name"
            )


def read_splits(
    texts: Mapping[str, LabeledText], regression: bool, draws: Draws
) -> tuple[dict[str, list[Example]], list[str]]:
    """The examples of each split, and the labels of the training text, sorted.

    Args:
        texts: split -> its text; without ``valid``, a share of ``train`` becomes that split.
        regression: labels are numbers.

    Raises:
        InputError: a text is empty, or does not fit that of training; a class has the name of a
            special symbol; or a share is wrong.
    """
    draws.check()
    for text in texts.values():
        if not text.examples:
            raise InputError(f"{text.source}: no example in it; give the whole file")
    splits = {split: text.examples for split, text in texts.items()}
    train, source = splits["train"], texts["train"].source
    check_columns(train, source)
    labels = sorted({example.label for example in train})
    if not regression:
        _check_names(texts["train"])
    for text in texts.values():
        check_examples(
            text,
            texts=len(train[0].texts),
            labels=[] if regression else labels,
            source="the training file",
        )
    if not regression and len(labels) < 2:
        raise InputError(f"{source}: only one label, '{shortened(labels[0])}'; give two classes")
    if "valid" not in splits:
        if len(train) < 2:
            raise InputError(f"{source}: one example cannot be split; give --valid")
        train, valid = draws.valid(train, regression)
        if not valid:
            raise InputError(
                f"{source}: one example of each class, of which none can be spared; give --valid"
            )
        splits = {"train": train, "valid": valid} | {
            split: examples for split, examples in splits.items() if split != "train"
        }
    return splits | {"train": draws.train(train, regression)}, labels
