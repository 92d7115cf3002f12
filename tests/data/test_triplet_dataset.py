import pickle

import numpy as np
import pytest
import torch
from fairseq.data import data_utils

from fairseq_cline.data.masking import Masking
from fairseq_cline.data.triplet_databin import DataBin
from fairseq_cline.data.triplet_dataset import TripletDataset


def open_dataset(folder, tokens_per_sample=64, mask_prob=0.15):
    databin = DataBin(str(folder))
    mask = databin.dictionary.add_symbol("<mask>")
    masking = Masking(
        mask_prob, 0.1, 0.1, databin.dictionary.nspecial, mask, pad=1, symbols=mask + 1
    )
    dataset = TripletDataset(
        databin.split("train"),
        databin.dictionary,
        databin.word_begin,
        masking,
        tokens_per_sample,
        seed=3,
    )
    return dataset, databin


def words(databin, tokens):
    """The words of a sequence as strings, without specials."""
    text = databin.dictionary.string(tokens)
    return text.replace(" ", "").replace("</s>", "").split("▁")[1:]


def test_sequences_begin_and_end_with_specials_and_hold_the_stored_tokens(databin):
    dataset, opened = open_dataset(databin, mask_prob=0.0)
    for index in (0, 50):
        item = dataset[index]
        for key, stored in (
            ("source", opened.split("train").original),
            ("synonym", opened.split("train").synonym),
            ("antonym", opened.split("train").antonym),
        ):
            assert item[key][0] == 0 and torch.equal(item[key][1:], stored[index])


def test_labels_cover_the_same_tokens_and_ignore_the_specials(databin):
    dataset, opened = open_dataset(databin)
    for index in range(len(dataset)):
        item = dataset[index]
        for key in ("synonym", "antonym"):
            labels = item[f"{key}_labels"]
            assert len(labels) == len(item[key])
            assert labels[0] == labels[-1] == -1
            replaced = opened.dictionary.string(item[key][1:-1][labels[1:-1] == 1]).split()
            assert all(piece[1:2] in ("s", "a") or piece == "x" for piece in replaced)


def test_sizes_bound_what_the_encoder_sees(databin):
    dataset, _ = open_dataset(databin)
    for index in range(len(dataset)):
        lengths = [len(dataset[index][key]) for key in ("source", "synonym", "antonym")]
        assert dataset.size(index) == max(lengths)
        assert dataset.num_tokens(index) == 3 * max(lengths)
    indices = np.arange(len(dataset))
    assert dataset.num_tokens_vec(indices).tolist() == [dataset.num_tokens(i) for i in indices]


@pytest.mark.parametrize("limit", [5, 8, 11])
def test_truncation_keeps_the_same_whole_words_of_all_three(databin, limit):
    whole, opened = open_dataset(databin, mask_prob=0.0)
    cut, _ = open_dataset(databin, limit, mask_prob=0.0)
    assert 0 < cut.truncated == sum(whole.size(i) > limit for i in range(len(whole)))
    for index in range(len(whole)):
        counts = set()
        room = []
        for key in ("source", "synonym", "antonym"):
            before, after = (words(opened, item[index][key]) for item in (whole, cut))
            assert after == before[: len(after)]
            assert cut[index][key][-1] == 2 and len(cut[index][key]) <= limit
            counts.add(len(after))
            begins = opened.word_begin[whole[index][key].numpy()]
            starts = [*np.flatnonzero(begins), len(begins) - 1]
            room.append(starts[min(len(after) + 1, len(before))] + 1 <= limit)
        assert len(counts) == 1
        # One more word would not have fitted.
        assert counts == {len(before)} or not all(room)
        for key in ("synonym", "antonym"):
            labels = cut[index][f"{key}_labels"]
            assert torch.equal(labels[:-1], whole[index][f"{key}_labels"][: len(labels) - 1])


def test_truncation_is_reported(databin, caplog):
    with caplog.at_level("INFO"):
        dataset, _ = open_dataset(databin, 8)
    assert f"{dataset.truncated} of 96 triplets" in caplog.text


def test_masking_changes_with_the_epoch_and_nothing_else_does(databin):
    dataset, _ = open_dataset(databin)
    first = [dataset[index] for index in range(20)]
    again = [dataset[index] for index in range(20)]
    dataset.set_epoch(2)
    second = [dataset[index] for index in range(20)]
    for a, b, c in zip(first, again, second, strict=True):
        assert all(torch.equal(a[key], b[key]) for key in a if key != "id")
        assert torch.equal(a["synonym"], c["synonym"])
    assert any(
        not torch.equal(a["source"], c["source"]) for a, c in zip(first, second, strict=True)
    )


def test_pickled_copy_is_the_same(databin):
    dataset, _ = open_dataset(databin)
    dataset.set_epoch(3)
    copy = pickle.loads(pickle.dumps(dataset))
    assert torch.equal(copy[7]["source"], dataset[7]["source"])


def test_batch_layout(databin):
    dataset, _ = open_dataset(databin)
    batch = dataset.collater([dataset[index] for index in (3, 40, 41)])
    shape = batch["net_input"]["src_tokens"].shape
    assert shape == (3, max(dataset.size(index) for index in (3, 40, 41)))
    for key in ("target", "synonym", "antonym", "synonym_labels", "antonym_labels"):
        assert batch[key].shape == shape
    assert batch["ntokens"] == batch["net_input"]["src_tokens"].ne(1).sum()
    assert (batch["synonym_labels"][batch["synonym"] == 1] == -1).all()
    assert batch["id"].tolist() == [3, 40, 41] and batch["nsentences"] == 3


def test_order_is_by_length_and_random_among_equals(databin):
    dataset, _ = open_dataset(databin)
    orders = []
    for seed in (1, 1, 2):
        with data_utils.numpy_seed(seed):
            orders.append(dataset.ordered_indices())
    assert (np.diff(dataset.sizes[orders[0]]) >= 0).all()
    assert sorted(orders[0]) == list(range(len(dataset)))
    assert (orders[0] == orders[1]).all() and (orders[0] != orders[2]).any()
