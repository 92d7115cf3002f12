"""WordNet as a corpus: what a line is, and that the splits are apart and stable."""

import subprocess
import sys
from pathlib import Path

import pytest

from data_prep.english.gloss_corpus import choose_split
from data_prep.english.glosses import read_synsets, split_gloss
from data_prep.english.resources import wordnet_path
from data_prep.wordnet_corpus import main

SPLITS = ("train", "valid", "test")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """{split: text} of the whole of WordNet, made by the command."""
    out = tmp_path_factory.mktemp("corpus")
    main(["--out", str(out)])
    return {split: (out / f"{split}.txt").read_text(encoding="utf-8") for split in SPLITS}


@pytest.mark.parametrize(
    ("gloss", "lines"),
    [
        ("a separate and self-contained entity", ["a separate and self-contained entity"]),
        (
            'a tangible entity; an entity; "it was full of balls"; "so was this"',
            ["a tangible entity; an entity", "it was full of balls", "so was this"],
        ),
        ('not anticipated; "lines of development"- H.W.Glidden; "unforeseen circumstances"',)
        + (["not anticipated", "lines of development", "unforeseen circumstances"],),
        (
            'assail on all sides: "The zebra was beset"',
            ["assail on all sides", "The zebra was beset"],
        ),
        ('reach a goal, e.g., "make the first team"', ["reach a goal", "make the first team"]),
        (
            'progress (especially in the phrase "make strides"); "they made big strides"',
            ['progress (especially in the phrase "make strides")', "they made big strides"],
        ),
        ('exact words (e.g., "he said `I am a fool\'")',)
        + (['exact words (e.g., "he said `I am a fool\'")'],),
        # Real glosses that lack a quotation mark.
        ('utter; "drop a hint"; drop names"', ["utter", "drop a hint", "drop names"]),
        (
            'of more parts; "several lobes; "flower heads"',
            ["of more parts", "several lobes", "flower heads"],
        ),
        ('close in; darkness enclosed him"', ["close in; darkness enclosed him"]),
    ],
)
def test_a_gloss_becomes_its_definition_and_its_examples(gloss, lines):
    assert split_gloss(gloss) == lines


def test_size_and_shape(corpus):
    words = {split: len(text.split()) for split, text in corpus.items()}
    assert 1_300_000 < sum(words.values()) < 1_700_000
    for split in ("valid", "test"):
        assert 0.015 < words[split] / sum(words.values()) < 0.025
    synsets = sum(text.count("\n\n") for text in corpus.values())
    assert synsets == 117_659
    assert not any("\n\n\n" in text or "\r" in text for text in corpus.values())


def test_a_synset_is_in_one_split_whole_and_in_order(corpus):
    expected = {split: [] for split in SPLITS}
    for synset, gloss in read_synsets(Path(wordnet_path())):
        split = choose_split(synset, valid_share=0.02, test_share=0.02, seed=1)
        expected[split].append("\n".join(split_gloss(gloss)))
    for split, text in corpus.items():
        assert text.split("\n\n")[:-1] == expected[split]


def test_the_same_command_writes_the_same_bytes_and_another_seed_does_not(corpus, tmp_path):
    for name, seed in (("same", 1), ("other", 2)):
        main(["--out", str(tmp_path / name), "--seed", str(seed)])
    for split, text in corpus.items():
        assert (tmp_path / "same" / f"{split}.txt").read_text(encoding="utf-8") == text
        assert (tmp_path / "other" / f"{split}.txt").read_text(encoding="utf-8") != text


def test_shares_are_kept():
    splits = [choose_split(str(n), 0.2, 0.3, seed=1) for n in range(10_000)]
    assert splits.count("valid") / 10_000 == pytest.approx(0.2, abs=0.02)
    assert splits.count("test") / 10_000 == pytest.approx(0.3, abs=0.02)


def test_a_failed_run_leaves_nothing(tmp_path, monkeypatch):
    def stop_halfway(folder):
        yield "00001740-noun", "that which is perceived"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("data_prep.english.gloss_corpus.read_synsets", stop_halfway)
    with pytest.raises(SystemExit, match="No space left on device"):
        main(["--out", str(tmp_path)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "FILE"], "name a folder"),
        (["--out", "new", "--valid-share", "0.5", "--test-share", "0.5"], "--valid-share"),
        (["--out", "new", "--test-share", "-0.1"], "--test-share"),
        (["--out", "new", "--test-share", "nan"], "--test-share"),
    ],
)
def test_bad_input_ends_in_one_line(tmp_path, arguments, message):
    (tmp_path / "FILE").write_text("in the way")
    run = subprocess.run(
        [sys.executable, "-m", "data_prep.wordnet_corpus", *arguments],
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert run.stderr.startswith("wordnet_corpus: error: ") and run.stderr.count("\n") == 1
    assert message in run.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["FILE"]
