"""Checks of binary texts: what is wrong is said in one line, before training."""

import numpy as np
import pytest
import torch
from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import IndexedDatasetBuilder, MMapIndexedDatasetBuilder

from data_prep.errors import InputError
from fairseq_cline.data.databin_folder import DatabinFolder
from fairseq_cline.data.indexed_text import check_indexed_text, parts_of_split

SYMBOLS = 9  # fairseq's own four included


@pytest.fixture
def dictionary():
    dictionary = Dictionary()
    for symbol in "abcde":
        dictionary.add_symbol(symbol)
    return dictionary


@pytest.fixture
def write(tmp_path):
    """Writes train.bin and train.idx of the given sentences, and returns their folder."""

    def write(sentences, dtype=np.uint16, builder=MMapIndexedDatasetBuilder):
        prefix = str(tmp_path / "train")
        written = builder(prefix + ".bin", dtype=dtype)
        for sentence in sentences:
            written.add_item(torch.tensor(sentence))
        written.finalize(prefix + ".idx")
        return tmp_path

    return write


def check(folder, dictionary):
    databin = DatabinFolder(str(folder), "language-modeling")
    return check_indexed_text(databin, "train", dictionary, "data-bin/dict.txt")


def message(folder, dictionary):
    with pytest.raises(InputError) as error:
        check(folder, dictionary)
    assert "\n" not in str(error.value) and f"{folder}/train" in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.int64])
def test_all_symbols_of_the_dictionary_are_allowed(write, dictionary, dtype):
    assert check(write([[4, 5, 2], [2], list(range(SYMBOLS))], dtype), dictionary) == 3


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.int64])
@pytest.mark.parametrize("symbol", [SYMBOLS, 60_000])
def test_a_symbol_that_is_not_in_the_dictionary(write, dictionary, dtype, symbol):
    """One of a thousand sentences is enough."""
    sentences = 1000 * [[4, 5, 2]] + [[4, symbol, 2]] + 1000 * [[4]]
    found = message(write(sentences, dtype), dictionary)
    assert f".bin has symbol {symbol}, but data-bin/dict.txt only {SYMBOLS}" in found


def test_a_symbol_below_zero(write, dictionary):
    assert "is damaged (symbol -7)" in message(write([[4, -7, 2]], np.int32), dictionary)


@pytest.mark.parametrize("missing", [".bin", ".idx"])
def test_a_missing_file(write, dictionary, tmp_path, missing):
    folder = write([[4, 2]])
    (tmp_path / f"train{missing}").unlink()
    with pytest.raises(InputError, match=f"{tmp_path} has no train.idx and train.bin; give"):
        check(folder, dictionary)


@pytest.mark.parametrize("lost", [1, 2, 1000])
def test_a_split_that_is_cut_short(write, dictionary, tmp_path, lost):
    folder = write(500 * [[4, 5, 2]])
    content = (tmp_path / "train.bin").read_bytes()
    (tmp_path / "train.bin").write_bytes(content[:-lost])
    assert f"has {3000 - lost:,} bytes, its index says 3,000" in message(folder, dictionary)


def test_a_split_of_another_index(write, dictionary, tmp_path):
    folder = write(500 * [[4, 5, 2]])
    index = (tmp_path / "train.idx").read_bytes()
    write(400 * [[4, 5, 2]])
    (tmp_path / "train.idx").write_bytes(index)
    assert ".bin: has 2,400 bytes, its index says 3,000" in message(folder, dictionary)


def test_older_kinds_are_left_to_fairseq(write, dictionary):
    assert check(write([[4, 5, 2]], np.int32, IndexedDatasetBuilder), dictionary) == 1


@pytest.mark.parametrize("size", [8, 16, 31, 40])
def test_a_damaged_index_of_an_older_kind(write, dictionary, tmp_path, size):
    folder = write([[4, 5, 2]], np.int32, IndexedDatasetBuilder)
    index = tmp_path / "train.idx"
    index.write_bytes(index.read_bytes()[:size])
    assert "no data of fairseq's kind 'cached'" in message(folder, dictionary)


def test_training_reads_further_parts():
    there = {"train", "train1", "train2", "train4"}
    assert parts_of_split("train", True, there.__contains__) == ["train", "train1", "train2"]
    assert parts_of_split("train", False, there.__contains__) == ["train"]
