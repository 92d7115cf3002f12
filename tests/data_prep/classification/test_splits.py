"""Draws from the training examples: their sizes, their order, and every class."""

from collections import Counter
from pathlib import Path

import pytest

from data_prep.classification.splits import Draws, read_splits
from data_prep.errors import InputError

LABELS = ["often"] * 180 + ["seldom"] * 19 + ["once"]


@pytest.fixture
def train(tmp_path) -> Path:
    path = tmp_path / "train.tsv"
    lines = [f"{label}\ttext {k}\n" for k, label in enumerate(LABELS)]
    path.write_text("".join(lines))
    return path


def draw(train: Path, regression: bool = False, **draws) -> dict[str, list[str]]:
    texts = {"train": train, "valid": train}
    splits, _ = read_splits(texts, regression, Draws(**draws))
    return {split: [str(example) for example in examples] for split, examples in splits.items()}


def test_a_share_of_train_keeps_its_order_and_every_class(train):
    lines = train.read_text().splitlines()
    part = draw(train, train_share=0.1)["train"]
    assert len(part) == 20 and part == sorted(part, key=lines.index)
    labels = Counter(line.split("\t")[0] for line in part)
    assert set(labels) == set(LABELS) and labels["often"] >= 15


def test_a_tiny_share_is_one_example_of_each_class(train):
    part = draw(train, train_share=0.001)["train"]
    assert sorted(line.split("\t")[0] for line in part) == ["often", "once", "seldom"]


def test_a_smaller_share_is_part_of_a_larger_one(train):
    small, large = (set(draw(train, train_share=share)["train"]) for share in (0.05, 0.4))
    assert small < large


def test_the_seed_decides(train):
    first, again, other = (draw(train, train_share=0.1, seed=seed)["train"] for seed in (1, 1, 2))
    assert first == again != other


def test_all_of_it_is_the_default(train):
    assert draw(train)["train"] == train.read_text().splitlines()


def test_the_validation_split_is_drawn_first(train):
    """Rows of different shares are compared on the same validation split."""
    splits = [
        read_splits({"train": train}, False, Draws(train_share=share))[0] for share in (1, 0.1)
    ]
    assert splits[0]["valid"] == splits[1]["valid"]
    assert len(splits[1]["train"]) == 18
    assert not set(splits[1]["train"]) & set(splits[1]["valid"])


def test_a_regression_has_no_classes(tmp_path):
    path = tmp_path / "train.tsv"
    path.write_text("".join(f"{k}.5\ttext {k}\n" for k in range(50)))
    assert len(draw(path, regression=True, train_share=0.1)["train"]) == 5


@pytest.mark.parametrize(
    ("draws", "message"),
    [
        ({"train_share": 0}, "--train-share 0 must be above 0 and at most 1"),
        ({"train_share": 1.1}, "--train-share 1.1 must be"),
        ({"valid_share": 1}, "--valid-share 1 must be above 0 and below 1"),
    ],
)
def test_shares_out_of_range(train, draws, message):
    with pytest.raises(InputError, match=message):
        draw(train, **draws)
