import numpy as np
import pytest
import torch

from fairseq_cline.data.masking import Masking
from fairseq_cline.data.pair_dataset import PairDataset
from fairseq_cline.data.triplet_databin import DataBin
from fairseq_cline.data.triplet_dataset import TripletDataset


@pytest.fixture
def open_both(databin):
    """The pairs and the triplets of the shared data-bin."""

    def open_both(tokens_per_sample=64):
        opened = DataBin(str(databin))
        mask = opened.dictionary.add_symbol("<mask>")
        masking = Masking(0.15, 0.1, 0.1, opened.dictionary.nspecial, mask, pad=1, symbols=mask + 1)
        settings = (opened.dictionary, opened.word_begin, masking, tokens_per_sample)
        return [
            dataset_class(opened.split("train"), *settings, seed=3)
            for dataset_class in (PairDataset, TripletDataset)
        ]

    return open_both


@pytest.mark.parametrize("epoch", [1, 2])
def test_pairs_are_the_triplets_without_the_antonym(open_both, epoch):
    """The same masks too, so that CLINE and DCL can be compared."""
    pairs, triplets = open_both()
    for dataset in (pairs, triplets):
        dataset.set_epoch(epoch)
    for index in range(len(pairs)):
        pair, triplet = pairs[index], triplets[index]
        assert pair.keys() == {"id", "source", "target", "synonym"}
        for key in ("source", "target", "synonym"):
            assert torch.equal(pair[key], triplet[key])


def test_sizes_are_of_the_two_sequences(open_both):
    pairs, triplets = open_both()
    indices = np.arange(len(pairs))
    for index in indices:
        length = max(len(pairs[index][key]) for key in ("source", "synonym"))
        assert pairs.size(index) == length and pairs.num_tokens(index) == 2 * length
    assert pairs.num_tokens_vec(indices).tolist() == [pairs.num_tokens(i) for i in indices]
    assert (pairs.sizes < triplets.sizes).any()


def test_a_long_antonym_sequence_costs_a_pair_nothing(open_both):
    pairs, triplets = open_both(8)
    assert 0 < pairs.truncated < triplets.truncated
    for index in range(len(pairs)):
        pair = pairs[index]
        assert max(len(pair["source"]), len(pair["synonym"])) <= 8
        assert len(pair["source"]) >= len(triplets[index]["source"])


def test_batch_layout(open_both):
    pairs, _ = open_both()
    batch = pairs.collater([pairs[index] for index in (3, 40, 41)])
    shape = batch["net_input"]["src_tokens"].shape
    assert shape == (3, max(pairs.size(index) for index in (3, 40, 41)))
    assert batch["target"].shape == batch["synonym"].shape == shape
    assert batch.keys() == {"id", "nsentences", "ntokens", "net_input", "target", "synonym"}
    assert batch["ntokens"] == batch["net_input"]["src_tokens"].ne(1).sum()
    assert pairs.collater([]) == {}


def test_the_log_names_what_is_cut(open_both, caplog):
    with caplog.at_level("INFO"):
        pairs, _ = open_both(8)
    assert f"{pairs.truncated} of 96 pairs have more than 8 tokens" in caplog.text
