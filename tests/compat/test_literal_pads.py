"""A literal <pad> in a text is a word that nobody knows, and no padding."""

import pickle

import numpy as np
import pytest
import torch
from fairseq.data import Dictionary, data_utils
from fairseq.data.indexed_dataset import MMapIndexedDatasetBuilder

import fairseq_cline.compat  # noqa: F401 - mends fairseq


@pytest.fixture
def dictionary():
    dictionary = Dictionary()
    for word in ("old", "tree"):
        dictionary.add_symbol(word)
    return dictionary


@pytest.fixture
def stored(dictionary, tmp_path):
    for name in ("train", "train1"):
        builder = MMapIndexedDatasetBuilder(str(tmp_path / f"{name}.bin"), dtype=np.uint16)
        for line in ("<pad> old <pad> tree", "<unk> <s> tree"):
            symbols = [dictionary.index(word) for word in line.split()]
            builder.add_item(torch.tensor([*symbols, dictionary.eos()]))
        builder.finalize(str(tmp_path / f"{name}.idx"))
    return str(tmp_path / "train")


@pytest.mark.parametrize("combine", [False, True])
def test_a_literal_pad_is_unknown(stored, dictionary, combine):
    text = data_utils.load_indexed_dataset(stored, dictionary, combine=combine)
    unk, eos = dictionary.unk(), dictionary.eos()
    old, tree = map(dictionary.index, ("old", "tree"))
    sentences = [[unk, old, unk, tree, eos], [unk, dictionary.bos(), tree, eos]]
    assert [text[k].tolist() for k in range(len(text))] == sentences * (1 + combine)
    assert [*text.sizes] == [5, 4] * (1 + combine)
    assert torch.equal(text[0], text[0])  # and the second reading is as the first


def test_a_text_in_letters(dictionary, tmp_path):
    (tmp_path / "train").write_text("<pad> old new\n")
    text = data_utils.load_indexed_dataset(str(tmp_path / "train"), dictionary, "raw")
    for one in (text, pickle.loads(pickle.dumps(text))):
        assert one[0].tolist()[:2] == [dictionary.unk(), dictionary.index("old")]
        assert one.get_original_text(0) == "<pad> old new"
        with pytest.raises(AttributeError, match="nothing"):
            _ = one.nothing


def test_a_typed_pad_is_unknown(dictionary):
    ids = dictionary.encode_line("<pad> old new </s>", add_if_not_exist=False)
    unk, eos = dictionary.unk(), dictionary.eos()
    assert ids.tolist() == [unk, dictionary.index("old"), unk, eos, eos]


def test_numbers_that_are_no_symbols_stay(stored):
    assert data_utils.load_indexed_dataset(stored)[0].tolist()[0] == 1


def test_there_is_none(tmp_path, dictionary):
    assert data_utils.load_indexed_dataset(str(tmp_path / "valid"), dictionary) is None
