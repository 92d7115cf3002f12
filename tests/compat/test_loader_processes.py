"""Batches do not depend on the number of loader processes: epochs, and the context of rows."""

import itertools

import numpy as np
import pytest
import torch
from fairseq.data import (
    BaseWrapperDataset,
    Dictionary,
    LMContextWindowDataset,
    MonolingualDataset,
    TokenBlockDataset,
)
from fairseq.data.iterators import EpochBatchIterator

import fairseq_cline.compat  # noqa: F401 - mends fairseq

WINDOW = 5
LENGTHS = [4, 1, 7, 3, 6, 2, 5]


class Epochs(BaseWrapperDataset):
    """Items that are the number of the epoch."""

    def __init__(self):
        super().__init__(np.zeros(4))
        self.epoch = 0

    def __getitem__(self, index):
        return torch.tensor(self.epoch)

    def set_epoch(self, epoch):
        self.epoch = epoch


def loaded(dataset, batches, workers, epochs=1, **shard):
    """The batches of each epoch, in processes that fairseq would keep."""
    loader = EpochBatchIterator(
        dataset,
        dataset.collater,
        batches,
        num_workers=workers,
        reuse_dataloader=True,
        persistent_workers=True,
        **shard,
    )
    return [list(loader.next_epoch_itr(shuffle=False)) for _ in range(epochs)]


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_loader_processes_know_the_epoch(workers):
    found = loaded(Epochs(), [[0, 1], [2, 3]], workers, epochs=3)
    assert [torch.cat(epoch).unique().tolist() for epoch in found] == [[1], [2], [3]]


@pytest.fixture(scope="module", params=["none", "eos"])
def rows(request):
    """Rows of a text of numbered tokens, with those before them: blocks of three, or sentences."""
    dictionary = Dictionary()
    symbols = iter([dictionary.add_symbol(str(n)) for n in range(sum(LENGTHS))])
    ends = [] if request.param == "none" else [dictionary.eos()]
    text = [torch.tensor([*itertools.islice(symbols, n - len(ends)), *ends]) for n in LENGTHS]
    blocks = TokenBlockDataset(
        text,
        LENGTHS,
        block_size=3,
        pad=dictionary.pad(),
        eos=dictionary.eos(),
        break_mode=request.param,
        include_targets=True,
    )
    stock = MonolingualDataset(blocks, blocks.sizes, dictionary, targets=["future"])
    return LMContextWindowDataset(stock, 8, WINDOW, dictionary.pad())


def scored(batches):
    """Input, target and the number of tokens of context for each row of batches."""
    return [
        (tokens[:length].tolist(), target[target != 1].tolist(), context)
        for batch in batches
        if batch
        for tokens, length, target, context in zip(
            *batch["net_input"].values(), batch["target"], batch["start_indices"], strict=True
        )
    ]


def test_the_context_is_the_text_before_a_row(rows):
    (batches,) = loaded(rows, [[n] for n in range(len(rows))], workers=0)
    text = []
    for (tokens, target, context), item in zip(scored(batches), rows.dataset, strict=True):
        row = item["source"].tolist()
        assert context == min(len(text), WINDOW, 8 + WINDOW - len(row))
        assert tokens == text[len(text) - context :] + row
        assert target == item["target"].tolist()
        text += row


def test_the_context_does_not_depend_on_processes_shards_and_batches(rows):
    (one,) = loaded(rows, [[n] for n in range(len(rows))], workers=0)
    pairs = [[n for n in (k, k + 1) if n < len(rows)] for k in range(0, len(rows), 2)]
    for workers in (0, 1, 2):
        (found,) = loaded(rows, pairs, workers)
        assert scored(found) == scored(one)
        shards = []
        for shard in range(2):
            (found,) = loaded(rows, pairs, workers, num_shards=2, shard_id=shard)
            shards += scored(found)
        assert sorted(shards) == sorted(scored(one))
