"""Checks of stock data-bins: what is wrong is said in one line, before training."""

import numpy as np
import pytest
import torch
from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import IndexedDatasetBuilder, MMapIndexedDatasetBuilder

from data_prep.errors import InputError
from fairseq_cline.data.indexed_text import check_dictionary, check_indexed_text

SYMBOLS = 9  # fairseq's own four included


@pytest.fixture
def dictionary():
    dictionary = Dictionary()
    for symbol in "abcde":
        dictionary.add_symbol(symbol)
    return dictionary


@pytest.fixture
def write(tmp_path):
    """Writes train.bin and train.idx of the given sentences, and returns their path."""

    def write(sentences, dtype=np.uint16, builder=MMapIndexedDatasetBuilder):
        prefix = str(tmp_path / "train")
        written = builder(prefix + ".bin", dtype=dtype)
        for sentence in sentences:
            written.add_item(torch.tensor(sentence))
        written.finalize(prefix + ".idx")
        return prefix

    return write


def check(prefix, dictionary):
    return check_indexed_text(prefix, dictionary, "data-bin/dict.txt")


def message(prefix, dictionary):
    with pytest.raises(InputError) as error:
        check(prefix, dictionary)
    assert "\n" not in str(error.value) and prefix in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.int64])
def test_all_symbols_of_the_dictionary_are_allowed(write, dictionary, dtype):
    check(write([[4, 5, 2], [2], list(range(SYMBOLS))], dtype), dictionary)


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.int64])
@pytest.mark.parametrize("symbol", [SYMBOLS, 60_000])
def test_a_symbol_that_is_not_in_the_dictionary(write, dictionary, dtype, symbol):
    """One of a thousand sentences is enough."""
    sentences = 1000 * [[4, 5, 2]] + [[4, symbol, 2]] + 1000 * [[4]]
    found = message(write(sentences, dtype), dictionary)
    assert f".bin has symbol {symbol}, but data-bin/dict.txt only {SYMBOLS}" in found


@pytest.mark.parametrize("missing", [".bin", ".idx"])
def test_a_missing_file(write, dictionary, tmp_path, missing):
    prefix = write([[4, 2]])
    (tmp_path / f"train{missing}").unlink()
    with pytest.raises(InputError, match=f"{tmp_path} has no train.idx and train.bin; give"):
        check(prefix, dictionary)


@pytest.mark.parametrize("lost", [1, 2, 1000])
def test_a_split_that_is_cut_short(write, dictionary, tmp_path, lost):
    prefix = write(500 * [[4, 5, 2]])
    content = (tmp_path / "train.bin").read_bytes()
    (tmp_path / "train.bin").write_bytes(content[:-lost])
    assert "make" in message(prefix, dictionary)


def test_a_split_of_another_index(write, dictionary, tmp_path):
    prefix = write(500 * [[4, 5, 2]])
    index = (tmp_path / "train.idx").read_bytes()
    write(400 * [[4, 5, 2]])
    (tmp_path / "train.idx").write_bytes(index)
    assert ".bin has 1200 symbols, its index says 1500" in message(prefix, dictionary)


@pytest.mark.parametrize("size", [0, 5, 9, 20, 40, -1])
def test_an_index_that_is_cut_short(write, dictionary, tmp_path, size):
    prefix = write(50 * [[4, 5, 2]])
    index = tmp_path / "train.idx"
    index.write_bytes(index.read_bytes()[:size])
    assert "is damaged" in message(prefix, dictionary)


def test_an_index_of_something_else(write, dictionary, tmp_path):
    prefix = write([[4, 5, 2]])
    (tmp_path / "train.idx").write_bytes(b"a text that is no index\n" * 20)
    assert "is damaged" in message(prefix, dictionary)


def test_no_sentences(write, dictionary):
    message(write([]), dictionary)


def test_older_kinds_are_left_to_fairseq(write, dictionary):
    check(write([[4, 5, 2]], np.int32, IndexedDatasetBuilder), dictionary)


def test_a_dictionary(tmp_path):
    path = tmp_path / "dict.txt"
    path.write_text("a 1\n")
    check_dictionary(str(path))


@pytest.mark.parametrize("name", ["dict.txt", "."])
def test_no_dictionary(tmp_path, name):
    path = tmp_path / name
    with pytest.raises(InputError, match=f"^{path}: no such file; give the folder of a data-bin$"):
        check_dictionary(str(path))
