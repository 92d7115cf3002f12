"""WordNet as a corpus: the splits are whole, apart and stable."""

import math
from pathlib import Path

import pytest

from data_prep.english import gloss_corpus
from data_prep.english.gloss_corpus import SPLITS, choose_split, write_corpus
from data_prep.english.glosses import Synset, read_synsets, split_gloss
from data_prep.english.installed import wordnet_path
from data_prep.errors import InputError


def texts_of(folder: Path) -> dict[str, str]:
    return {split: (folder / f"{split}.txt").read_text(encoding="utf-8") for split in SPLITS}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> dict[str, str]:
    """Split -> text, of the whole of WordNet."""
    out = tmp_path_factory.mktemp("corpus")  # empty, and so as good as none
    write_corpus(out, valid_share=0.02, test_share=0.02, seed=1)
    return texts_of(out)


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
    for synset in read_synsets(Path(wordnet_path())):
        split = choose_split(synset.id, valid_share=0.02, test_share=0.02, seed=1)
        expected[split].append("\n".join(split_gloss(synset.gloss)))
    for split, text in corpus.items():
        assert text.split("\n\n")[:-1] == expected[split]


def test_the_seed_fixes_the_split(corpus, tmp_path):
    for name, seed in (("same", 1), ("other", 2)):
        write_corpus(tmp_path / name, valid_share=0.02, test_share=0.02, seed=seed)
    same, other = texts_of(tmp_path / "same"), texts_of(tmp_path / "other")
    assert same == corpus
    assert all(other[split] != corpus[split] for split in SPLITS)


def test_shares_are_kept():
    splits = [choose_split(str(n), 0.2, 0.3, seed=1) for n in range(10_000)]
    assert splits.count("valid") / 10_000 == pytest.approx(0.2, abs=0.02)
    assert splits.count("test") / 10_000 == pytest.approx(0.3, abs=0.02)


def test_a_failed_run_leaves_nothing(tmp_path, monkeypatch):
    def stop_halfway(folder):
        yield Synset("00001740", "noun", "03", "that which is perceived")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gloss_corpus, "read_synsets", stop_halfway)
    with pytest.raises(OSError, match=f"No space left on device: '{tmp_path}/new'"):
        write_corpus(tmp_path / "new", valid_share=0.1, test_share=0.1, seed=1)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "train.txt").write_text("mine")
    with pytest.raises(InputError, match="exists already; choose another folder"):
        write_corpus(tmp_path, valid_share=0.1, test_share=0.1, seed=1)
    assert (tmp_path / "train.txt").read_text() == "mine"


@pytest.mark.parametrize(("valid", "test"), [(0.5, 0.5), (0.1, -0.1), (0.1, math.nan)])
def test_shares_that_leave_nothing_to_train_on_are_refused(tmp_path, valid, test):
    with pytest.raises(InputError, match="--valid-share and --test-share must be >= 0"):
        write_corpus(tmp_path / "new", valid_share=valid, test_share=test, seed=1)
    assert list(tmp_path.iterdir()) == []
