"""The splits of a labelled text, checked against each other before anything is written."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from pathlib import Path

from data_prep.corpus import InputError
from data_prep.labelled_text import Example, read_examples


def read_splits(
    texts: Mapping[str, Path], regression: bool, valid_share: float, seed: int
) -> tuple[dict[str, list[Example]], list[str]]:
    """The examples of each split, and the labels of the training file, sorted.

    Args:
        texts: split -> file; without ``valid``, a share of ``train`` becomes that split.
        regression: labels are numbers.
        valid_share: that share, drawn at random.
        seed: of the draw.

    Raises:
        InputError: a file is wrong, or does not fit the training file.
    """
    if not 0 < valid_share < 1:
        raise InputError(f"--valid-share {valid_share} must be above 0 and below 1")
    splits = {split: read_examples(path) for split, path in texts.items()}
    train = splits["train"]
    labels = sorted({example.label for example in train})
    for split, path in texts.items():
        for line, example in enumerate(splits[split], 1):
            _check(example, train[0], labels, regression, f"{path}, line {line}")
    if not regression and len(labels) < 2:
        raise InputError(f"{texts['train']}: only one label, '{labels[0]}'; give two classes")
    if "valid" not in splits:
        if len(train) < 2:
            raise InputError(f"{texts['train']}: one example cannot be split; give --valid")
        size = min(max(round(valid_share * len(train)), 1), len(train) - 1)
        drawn = set(random.Random(seed).sample(range(len(train)), size))
        kept = [example for k, example in enumerate(train) if k not in drawn]
        splits = {"train": kept, "valid": [train[k] for k in sorted(drawn)]} | {
            split: examples for split, examples in splits.items() if split != "train"
        }
    return splits, labels


def _check(
    example: Example, first: Example, labels: list[str], regression: bool, place: str
) -> None:
    if len(example.texts) != len(first.texts):
        raise InputError(
            f"{place}: {len(example.texts)} text(s), but the training examples have "
            f"{len(first.texts)}; give the files of one task"
        )
    if regression and not _is_finite(example.label):
        raise InputError(f"{place}: '{example.label}' is not a number, as --regression needs")
    if not regression and example.label not in labels:
        raise InputError(
            f"{place}: the label '{example.label}' is not in the training file "
            f"({', '.join(labels)}); correct it or leave the line out"
        )


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
