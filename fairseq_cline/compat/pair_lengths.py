"""Pairs of texts that are too long together lose the end of the longer text first, as BERT's do.

fairseq cuts the pair at its end (--shorten-method truncate), so that the second text goes first, and
often all of it. BERT (Devlin et al., 2019; `_truncate_seq_pair` in the authors' code) takes a token
from the longer text until both fit; special tokens stay.
"""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from fairseq.data import BaseWrapperDataset, ConcatSentencesDataset, PrependTokenDataset
from fairseq.tasks import sentence_prediction
from torch import Tensor

from fairseq_cline.compat.patching import Wrapper, stock_function

logger = logging.getLogger(__name__)

NAME = "maybe_shorten_dataset"


def fit_pair(texts: Sequence[Tensor], leads: Sequence[int], limit: int) -> Tensor:
    """One sequence (T,) of two texts, of at most `limit` tokens.

    >>> first, second = torch.tensor([0, 5, 6, 7, 8, 2]), torch.tensor([2, 9, 2])
    >>> fit_pair([first, second], leads=[1, 1], limit=7)
    tensor([0, 5, 6, 2, 2, 9, 2])

    Args:
        texts: each with special tokens at its beginning, and one at its end, that are not cut.
        leads: number of those at the beginning of each.
    """
    first, second = (len(text) - lead - 1 for text, lead in zip(texts, leads, strict=True))
    room = max(limit - sum(leads) - 2, 0)
    if first + second > room:
        rest = min(second, max(room - first, room // 2))
        texts = [
            torch.cat([text[: lead + length], text[-1:]])
            for text, lead, length in zip(texts, leads, (room - rest, rest), strict=True)
        ]
    return torch.cat([*texts])[:limit]


class FittedPairs(BaseWrapperDataset):
    """The pairs of a dataset, each by `fit_pair`."""

    def __init__(self, dataset: ConcatSentencesDataset, limit: int):
        super().__init__(dataset)
        self.limit = limit
        self.leads = [
            int(isinstance(part, PrependTokenDataset) and part.token is not None)
            for part in dataset.datasets
        ]

    def __getitem__(self, index: int) -> Tensor:
        texts = [part[index] for part in self.dataset.datasets]
        return fit_pair(texts, self.leads, self.limit)

    @property
    def sizes(self) -> np.ndarray:
        return np.minimum(self.dataset.sizes, self.limit)

    def size(self, index: int) -> int:
        return min(self.dataset.size(index), self.limit)

    def num_tokens(self, index: int) -> int:
        return self.size(index)


def shorten(
    stock: Wrapper,
    dataset: Any,
    split: str,
    splits: str,
    method: str,
    limit: int,
    seed: int,
) -> Any:
    """Shortens examples to a number of tokens, as options say, and logs how many it cuts.

    Args:
        splits: those whose examples are cut, with commas between them; "": all.
    """
    if method == "none" or (splits and split not in splits.split(",")):
        return dataset
    if cut := int((np.asarray(dataset.sizes) > limit).sum()):
        logger.info(f"{split}: {cut:,} of {len(dataset):,} examples are cut to {limit} tokens")
    if method == "truncate" and isinstance(dataset, ConcatSentencesDataset):
        return FittedPairs(dataset, limit)
    return stock(dataset, split, splits, method, limit, seed)


def is_mended() -> bool:
    """Whether fairseq's task cuts pairs in this way, in this process."""
    return getattr(sentence_prediction, NAME) is not stock_function(sentence_prediction, NAME)


MENDS = {"of a pair the longer text is cut": (sentence_prediction, NAME, shorten)}
