"""Batches of a training that begins in a later epoch."""

from types import SimpleNamespace

import numpy as np
import pytest
from fairseq.data import FairseqDataset
from fairseq.tasks.fairseq_task import FairseqTask

import fairseq_cline.compat  # noqa: F401  mends fairseq

SIZES = np.array([5] * 40)


class Text(FairseqDataset):
    """Examples of one length, in an order that is drawn; each says the epoch it was read in."""

    def __init__(self, shared):
        self.shared, self.sizes, self.epoch = shared, SIZES, 0

    @property
    def can_reuse_epoch_itr_across_epochs(self):
        return self.shared

    def __len__(self):
        return len(SIZES)

    def num_tokens(self, index):
        return SIZES[index]

    def num_tokens_vec(self, indices):
        return SIZES[indices]

    def ordered_indices(self):
        return np.random.permutation(len(self))

    def __getitem__(self, index):
        return index, self.epoch

    def collater(self, examples):
        return examples

    def set_epoch(self, epoch):
        self.epoch = epoch


def batches(begin, epochs, shared=True, **options):
    """The batches of some epochs, of a process that begins with the first of them."""
    task, found = FairseqTask(SimpleNamespace()), []
    dataset = Text(shared)
    for epoch in range(begin, begin + epochs):
        iterator = task.get_batch_iterator(dataset, max_sentences=4, epoch=epoch, **options)
        found.append(sorted(sorted(batch) for batch in iterator.next_epoch_itr()))
    return found


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("options", [{}, {"update_epoch_batch_itr": True}])
def test_a_later_start_has_the_same_batches(shared, options):
    first, second, third = batches(1, 3, shared, **options)
    assert batches(2, 2, shared, **options) == [second, third]
    same = [[index for index, _ in batch] for batch in first] == [
        [index for index, _ in batch] for batch in second
    ]
    assert same == (shared and not options)
    assert {epoch for batch in second for _, epoch in batch} == {2}
