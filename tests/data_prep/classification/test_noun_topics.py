"""WordNet's nouns as examples: their topics, and the draw of two sets."""

from collections import Counter

import pytest

from data_prep.classification.examples import Example, read_examples
from data_prep.classification.noun_topics import topic_examples, write_topics
from data_prep.errors import InputError


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return topic_examples()


def test_every_noun_but_the_most_general_ones(examples):
    counts = Counter(example.label for example in examples)
    assert len(examples) == 82_115 - 51  # WordNet 3.0 has 82,115 nouns
    assert len(counts) == 25
    assert counts["artifact"] / counts["motive"] == pytest.approx(276, abs=0.5)
    assert Example("animal", ("a young dog",)) in examples


def test_two_sets_are_drawn_apart_and_fixed_by_the_seed(tmp_path, examples):
    for name, seed in (("one", 1), ("again", 1), ("two", 2)):
        write_topics(tmp_path / name, train=300, test=100, seed=seed)
    train, test = (read_examples(tmp_path / "one" / f"{split}.tsv") for split in ("train", "test"))
    assert (len(train), len(test)) == (300, 100)
    assert not Counter(train + test) - Counter(examples)
    for split in ("train", "test"):
        first, second = (tmp_path / name / f"{split}.tsv" for name in ("one", "again"))
        assert first.read_bytes() == second.read_bytes()
    assert read_examples(tmp_path / "two" / "train.tsv") != train


@pytest.mark.parametrize(("train", "test"), [(0, 5), (5, 0), (80_000, 3_000)])
def test_too_many_or_none_are_refused(tmp_path, train, test):
    with pytest.raises(InputError, match="above 0 and together at most 82,064"):
        write_topics(tmp_path / "x", train=train, test=test)
    assert not list(tmp_path.iterdir())
