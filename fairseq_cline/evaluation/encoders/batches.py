"""Batches of sequences for evaluation."""

from collections.abc import Iterator

import numpy as np
from fairseq.data import data_utils
from torch import Tensor

MAX_TOKENS = 8192  # size of a batch, padding included


def batches_by_length(sequences: list[Tensor]) -> Iterator[np.ndarray]:
    """Indices of sequences of about one length, longest first: what does not fit fails at once."""
    sizes = np.array([len(tokens) for tokens in sequences], dtype=np.int64)
    yield from data_utils.batch_by_size(
        np.argsort(-sizes, kind="stable"),
        num_tokens_fn=sizes.__getitem__,
        num_tokens_vec=sizes,
        max_tokens=max(MAX_TOKENS, *sizes.tolist(), 0),
    )
