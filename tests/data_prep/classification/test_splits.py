"""Draws from the training examples: their sizes, their order, and every class."""

import random
from collections import Counter
from pathlib import Path

import pytest

from data_prep.classification.examples import read_labeled_text
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
    texts = dict.fromkeys(("train", "valid"), read_labeled_text(train))
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
        read_splits({"train": read_labeled_text(train)}, False, Draws(train_share=share))[0]
        for share in (1, 0.1)
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


@pytest.fixture
def rare(tmp_path) -> Path:
    """Half of the examples are of classes of one, two of a class of two."""
    path = tmp_path / "rare.tsv"
    lines = [f"often\ttext {k}\n" for k in range(18)] + ["twice\tone\n", "twice\ttwo\n"]
    path.write_text("".join([*lines, *(f"once {k}\tan example\n" for k in range(20))]))
    return path


@pytest.mark.parametrize("seed", range(1, 9))
def test_no_class_loses_its_only_training_example(rare, seed):
    draws = Draws(seed=seed, valid_share=0.4)
    splits, labels = read_splits({"train": read_labeled_text(rare)}, False, draws)
    assert {example.label for example in splits["train"]} == {*labels}
    assert len(splits["valid"]) == 16
    lines = rare.read_text().splitlines()
    for examples in splits.values():
        assert [str(example) for example in examples] == sorted(map(str, examples), key=lines.index)
    assert sorted(str(e) for examples in splits.values() for e in examples) == sorted(lines)


def test_a_split_is_as_large_as_the_classes_allow(rare):
    splits, _ = read_splits({"train": read_labeled_text(rare)}, False, Draws(valid_share=0.9))
    assert len(splits["valid"]) == 17 + 1


def test_classes_of_one_leave_nothing_to_validate_on(tmp_path):
    (tmp_path / "train.tsv").write_text("a\tx\nb\ty\n")
    with pytest.raises(InputError, match="train.tsv: one example of each class.*; give --valid"):
        read_splits({"train": read_labeled_text(tmp_path / "train.tsv")}, False, Draws())


def test_the_draw_is_one_at_random_where_no_class_is_lost(train):
    lines = train.read_text().splitlines()
    splits, _ = read_splits({"train": read_labeled_text(train)}, False, Draws(seed=3))
    drawn = random.Random(3).sample(range(200), 20)
    assert lines.index("once\ttext 199") not in drawn
    assert [str(example) for example in splits["valid"]] == [lines[k] for k in sorted(drawn)]


@pytest.mark.parametrize("label", ["<unk>", "<pad>", "<s>", "</s>", "<mask>"])
def test_a_special_symbol_is_no_class(train, label):
    """The dictionary of labels would lack the class, and its examples have a negative number."""
    train.write_text(train.read_text() + f"{label}\tone more\n")
    with pytest.raises(InputError, match=f"train.tsv, line 201: '{label}' cannot be a class"):
        draw(train)
