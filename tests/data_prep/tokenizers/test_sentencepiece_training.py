"""Training of SentencePiece: reproducible, both files or none, every character comes back."""

import pytest
from sentencepiece import SentencePieceProcessor

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import load_dictionary
from data_prep.tokenizers.sentencepiece_training import train, train_model


@pytest.fixture(scope="module")
def small(text, tmp_path_factory) -> list[str]:
    """A few lines of the glosses as a file."""
    path = tmp_path_factory.mktemp("small") / "small.txt"
    path.write_text("".join(text.read_text().splitlines(keepends=True)[:2000]), encoding="utf-8")
    return [str(path)]


def test_the_same_call_writes_the_same_files(small, tmp_path):
    for name in ("one", "two"):
        train(small, tmp_path / name, vocabulary=900, sample=100_000, seed=1)
    for name in ("spm.model", "dict.txt"):
        one, two = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two"))
        assert one == two
    assert {path.name for path in (tmp_path / "one").iterdir()} == {"spm.model", "dict.txt"}


def test_the_dictionary_has_all_pieces_but_the_special_ones(sentencepiece_folder):
    dictionary = load_dictionary(sentencepiece_folder / "dict.txt")
    assert len(dictionary) - dictionary.nspecial == 4000 - 3
    model = SentencePieceProcessor(model_file=str(sentencepiece_folder / "spm.model"))
    pieces = model.encode("Ünknown  ① text", out_type=str)
    assert all(piece in dictionary for piece in pieces)


def test_nothing_is_written_over(small, tmp_path):
    (tmp_path / "spm.model").write_text("mine")
    with pytest.raises(InputError, match="exists already; choose another folder"):
        train(small, tmp_path, vocabulary=900, sample=1000, seed=1)
    assert (tmp_path / "spm.model").read_text() == "mine"


def test_a_small_text_gives_the_pieces_that_it_has(tmp_path):
    (tmp_path / "small.txt").write_text("too little of a text\nfor so many pieces\n")
    file = [str(tmp_path / "small.txt")]
    found = train(file, tmp_path / "most", vocabulary=8000, sample=1000, seed=1)
    assert 270 < found < 300  # 256 bytes, and the letters
    assert len(load_dictionary(tmp_path / "most/dict.txt")) == found + 1  # <pad>
    with pytest.raises(
        InputError, match=r"\(it has (\d+)\); give --vocab-size \1 at most, or more"
    ):
        train_model(["too little of a text"], 8000, 1000, 1, byte_fallback=True)


def test_too_few_pieces_are_refused_and_nothing_written(tmp_path):
    (tmp_path / "small.txt").write_text("too little\n")
    few = r"cannot train 10 pieces on this text \(its characters need (\d+)\); give --vocab-size \1 at"
    with pytest.raises(InputError, match=few):
        train([str(tmp_path / "small.txt")], tmp_path / "no", vocabulary=10, sample=1000, seed=1)
    with pytest.raises(InputError, match="--vocab-size must be at least 1"):
        train([str(tmp_path / "small.txt")], tmp_path / "no", vocabulary=0, sample=1000, seed=1)
    assert not (tmp_path / "no").exists()
