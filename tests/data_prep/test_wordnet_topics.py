from collections import Counter

import pytest

from data_prep import wordnet_topics
from data_prep.classification.examples import Example, read_examples


@pytest.fixture(scope="module")
def examples():
    return wordnet_topics.definitions()


def test_every_noun_but_the_most_general_ones(examples):
    counts = Counter(example.label for example in examples)
    assert len(examples) == 82_115 - 51  # WordNet 3.0 has 82,115 nouns
    assert len(counts) == 25
    assert counts["artifact"] / counts["motive"] == pytest.approx(276, abs=0.5)
    assert Example("animal", ("a young dog",)) in examples


def test_drawn_once_and_written(tmp_path, examples):
    options = ["--train", "300", "--test", "100"]
    for name in ("one", "again"):
        wordnet_topics.main(["--out", str(tmp_path / name), *options])
    train, test = (read_examples(tmp_path / "one" / f"{split}.tsv") for split in ("train", "test"))
    assert (len(train), len(test)) == (300, 100)
    assert not Counter(train + test) - Counter(examples)
    for split in ("train", "test"):
        first, second = (tmp_path / name / f"{split}.tsv" for name in ("one", "again"))
        assert first.read_bytes() == second.read_bytes()
    wordnet_topics.main(["--out", str(tmp_path / "two"), *options, "--seed", "2"])
    assert read_examples(tmp_path / "two" / "train.tsv") != train


@pytest.mark.parametrize("sizes", [(0, 5), (5, 0), (80_000, 3_000)])
def test_too_many_or_none(tmp_path, sizes, capsys):
    train, test = map(str, sizes)
    with pytest.raises(SystemExit) as stop:
        wordnet_topics.main(["--out", str(tmp_path / "x"), "--train", train, "--test", test])
    assert stop.value.code == 1
    assert "above 0 and together at most 82,064" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
