"""Loader processes (--num-workers) that give the batches which one process would give."""

from typing import Any

import numpy as np
from fairseq.data import LMContextWindowDataset
from fairseq.data.iterators import EpochBatchIterator

from fairseq_cline.compat.patching import Wrapper


def begin_epoch(
    stock: Wrapper,
    batches: EpochBatchIterator,
    *args: Any,
    set_dataset_epoch: bool = True,
    **kwargs: Any,
) -> Any:
    """Begins an epoch of training with new loader processes.

    fairseq keeps the first ones, whose copies of the data stay in the first epoch: all epochs
    would have the masks of that one (`--task masked_lm`) and its `--shorten-method random_crop`.
    """
    if set_dataset_epoch and batches.num_workers > 0:
        batches.dataloader = None
    return stock(batches, *args, set_dataset_epoch=set_dataset_epoch, **kwargs)


def join_context(
    stock: Wrapper, dataset: LMContextWindowDataset, samples: list[dict[str, Any]]
) -> dict[str, Any]:
    """Puts the text before it in front of each row of a batch (--context-window).

    fairseq takes the last rows that the same process has seen, which are others when there are
    several, or with `--num-shards`.
    """
    if not samples:  # a shard's last batch may have none
        return {}
    dataset.prev_tokens = _text_before(dataset, samples[0]["id"])
    return stock(dataset, samples)


def _text_before(dataset: LMContextWindowDataset, index: int) -> np.ndarray:
    """The tokens before a row, at most `context_window`."""
    rows: list[np.ndarray] = []
    while index > 0 and sum(map(len, rows)) < dataset.context_window:
        index -= 1
        rows.insert(0, dataset.dataset[index]["source"].numpy())
    return np.concatenate([np.empty(0, np.int64), *rows])[-dataset.context_window :]
