"""Batches of sequences for evaluation."""

from collections.abc import Iterator, Sequence

import numpy as np
from fairseq.data import data_utils
from torch import Tensor

MAX_TOKENS = 8192  # size of a batch, padding included


def batches_by_length(
    sequences: Sequence[Tensor], max_tokens: int = MAX_TOKENS
) -> Iterator[np.ndarray]:
    """Indices of sequences of about one length, longest first: what does not fit fails at once.

    Args:
        max_tokens: size of a batch, padding included; a longer sequence is a batch of its own.
    """
    sizes = np.array([len(tokens) for tokens in sequences], dtype=np.int64)
    yield from data_utils.batch_by_size(
        np.argsort(-sizes, kind="stable"),
        num_tokens_fn=sizes.__getitem__,
        num_tokens_vec=sizes,
        max_tokens=max(max_tokens, *sizes.tolist(), 0),
    )
