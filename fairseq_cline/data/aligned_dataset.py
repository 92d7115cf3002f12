"""Aligned sequences, the first of which is masked anew in every epoch, as a fairseq dataset."""

import logging
from typing import ClassVar

import numpy as np
import torch
from fairseq.data import Dictionary, FairseqDataset, data_utils
from torch import Tensor

from fairseq_cline.data.masking import Masking
from fairseq_cline.data.triplet_databin import TripletSplit

logger = logging.getLogger(__name__)


class AlignedDataset(FairseqDataset):
    """Originals and the sequences that were made from them word by word.

    A batch has the layout that fairseq's own `masked_lm` criterion reads (it then trains on the
    originals alone), and the other sequences beside it:

    | key | shape | content |
    |---|---|---|
    | `net_input.src_tokens` | (B, T) | masked originals |
    | `net_input.src_lengths` | (B,) | their lengths |
    | `target` | (B, T) | the hidden tokens, pad elsewhere |
    | one for each other of `sequences` | (B, T) | that sequence |

    B examples, T tokens: all are padded to the longest sequence of the batch. A subclass says
    which sequences an example has. Its masks depend on seed, epoch, index and original only.

    Args:
        split: the datasets on disk.
        dictionary: for the indices of the specials.
        word_begin: (V,) bool, whether a token begins a word.
        masking: hides tokens of the originals.
        tokens_per_sample: longest sequence, <s> and </s> included. An example with a longer one
            loses the same number of words from the end of all its sequences.
        seed: decides the masks, with epoch and index.
    """

    example: ClassVar[str]  # what an example is called in messages
    sequences: ClassVar[tuple[str, ...]]  # fields of the split; the first is the original

    # Batches are made anew in every epoch. Besides other neighbors in a batch this gives new
    # worker processes: those of the last epoch would go on with the last epoch's masks.
    can_reuse_epoch_itr_across_epochs = False

    def __init__(
        self,
        split: TripletSplit,
        dictionary: Dictionary,
        word_begin: np.ndarray,
        masking: Masking,
        tokens_per_sample: int,
        seed: int,
    ):
        super().__init__()
        self.split = split
        self.bos, self.eos, self.pad = dictionary.bos(), dictionary.eos(), dictionary.pad()
        self.word_begin = word_begin
        self.masking = masking
        self.tokens_per_sample = tokens_per_sample
        self.seed = seed
        self.epoch = 1
        # + 1: <s> is not stored.
        stored = [getattr(split, name).sizes for name in self.sequences]
        longest = np.maximum.reduce(stored).astype(np.int64) + 1
        self.sizes = np.minimum(longest, tokens_per_sample)
        self.truncated = int((longest > tokens_per_sample).sum())
        if self.truncated:
            logger.info(
                f"{self.truncated:,} of {len(self):,} {self.example}s have more than "
                f"{tokens_per_sample} tokens and lose the words after that "
                "(--tokens-per-sample of make_triplets cuts without loss)"
            )

    def __len__(self) -> int:
        return len(self.sizes)

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def size(self, index: int) -> int:
        """Length of the longest sequence of an example."""
        return int(self.sizes[index])

    def num_tokens(self, index: int) -> int:
        """Tokens that the encoder sees, as if all sequences were as long as the longest."""
        return len(self.sequences) * self.size(index)

    def num_tokens_vec(self, indices: np.ndarray) -> np.ndarray:
        return len(self.sequences) * self.sizes[indices]

    def ordered_indices(self) -> np.ndarray:
        """Orders by length, at random among equals; the caller has seeded NumPy with the epoch."""
        shuffled = np.random.permutation(len(self))
        return shuffled[np.argsort(self.sizes[shuffled], kind="stable")]

    def __getitem__(self, index: int) -> dict:
        stored = [getattr(self.split, name)[index].numpy()[:-1] for name in self.sequences]
        lengths = words_that_fit(
            [self.word_begin[tokens] for tokens in stored], self.tokens_per_sample - 2
        )
        original, *others = (
            np.concatenate([[self.bos], tokens[:length], [self.eos]])
            for tokens, length in zip(stored, lengths, strict=True)
        )
        # The hash of numbers is the same in every process and run.
        rng = np.random.default_rng(abs(hash((self.seed, self.epoch, index))))
        masked, target = self.masking(original, rng)
        return {
            "id": index,
            "source": torch.from_numpy(masked),
            "target": torch.from_numpy(target),
            **dict(zip(self.sequences[1:], map(torch.from_numpy, others), strict=True)),
        }

    def collater(self, samples: list[dict]) -> dict:
        if not samples:
            return {}
        others = self.sequences[1:]
        longest = max(len(sample[key]) for sample in samples for key in ("source", *others))
        lengths = torch.tensor([len(sample["source"]) for sample in samples])
        source, target, *rest = (
            self.collated(samples, key, self.pad, longest) for key in ("source", "target", *others)
        )
        return {
            "id": torch.tensor([sample["id"] for sample in samples]),
            "nsentences": len(samples),
            "ntokens": int(lengths.sum()),
            "net_input": {"src_tokens": source, "src_lengths": lengths},
            "target": target,
            **dict(zip(others, rest, strict=True)),
        }

    @staticmethod
    def collated(samples: list[dict], key: str, pad: int, length: int) -> Tensor:
        """One part of the samples, padded: (B, length)."""
        return data_utils.collate_tokens(
            [sample[key] for sample in samples], pad, pad_to_length=length
        )


def words_that_fit(begins: list[np.ndarray], limit: int) -> list[int]:
    """Length of each sequence when all keep the same, largest number of whole words.

    Args:
        begins: for each sequence (T_i,) bool, whether a token begins a word. The first token
            always does: GPT-2's first word of a text has no space before it.
        limit: tokens allowed in a sequence. When not even the first word fits, it is cut.
    """
    if max(map(len, begins)) <= limit:
        return [len(begin) for begin in begins]
    ends = [np.append(np.flatnonzero(begin[1:]) + 1, len(begin)) for begin in begins]
    words = min(int(np.searchsorted(end, limit, side="right")) for end in ends)
    return [min(int(end[max(words, 1) - 1]), limit) for end in ends]
