"""Aligned triplets of an original, a synonym and an antonym sequence, as a fairseq dataset."""

import logging

import numpy as np
import torch
from fairseq.data import Dictionary, FairseqDataset, data_utils
from torch import Tensor

from fairseq_cline.data.databin import TripletSplit
from fairseq_cline.data.masking import Masking

logger = logging.getLogger(__name__)

IGNORED_LABEL = -1  # label of a special or a pad: no replaced-token loss there


class TripletDataset(FairseqDataset):
    """Triplets with the original masked anew in every epoch.

    A batch has the layout that fairseq's own `masked_lm` criterion reads (it then trains on the
    originals alone), and more beside it:

    | key | shape | content |
    |---|---|---|
    | `net_input.src_tokens` | (B, T) | masked originals |
    | `net_input.src_lengths` | (B,) | their lengths |
    | `target` | (B, T) | the hidden tokens, pad elsewhere |
    | `synonym`, `antonym` | (B, T) | the perturbed sequences |
    | `synonym_labels`, `antonym_labels` | (B, T) | 1 replaced, 0 kept, -1 special or pad |

    B triplets, T tokens: all three are padded to the longest sequence of the batch.

    Args:
        split: the five datasets on disk.
        dictionary: for the indices of the specials; <mask> is its last symbol.
        word_begin: (V,) bool, whether a token begins a word.
        masking: hides tokens of the originals.
        tokens_per_sample: longest sequence, <s> and </s> included. A triplet with a longer one
            loses the same number of words from the end of all three.
        seed: of the masking and of the order.
    """

    # Batches are made anew in every epoch. Besides other neighbours in a batch this gives new
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
        longest = (
            np.maximum.reduce(
                [part.sizes for part in (split.original, split.synonym, split.antonym)]
            ).astype(np.int64)
            + 1
        )
        self.sizes = np.minimum(longest, tokens_per_sample)
        self.truncated = int((longest > tokens_per_sample).sum())
        if self.truncated:
            logger.info(
                f"{self.truncated:,} of {len(self):,} triplets have more than "
                f"{tokens_per_sample} tokens and lose the words after that "
                "(--tokens-per-sample of make_triplets cuts without loss)"
            )

    def __len__(self) -> int:
        return len(self.sizes)

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def size(self, index: int) -> int:
        """Length of the longest of the three."""
        return int(self.sizes[index])

    def num_tokens(self, index: int) -> int:
        """Tokens that the encoder sees, as if all three were as long as the longest."""
        return 3 * self.size(index)

    def num_tokens_vec(self, indices: np.ndarray) -> np.ndarray:
        return 3 * self.sizes[indices]

    def ordered_indices(self) -> np.ndarray:
        """By length, random among equal lengths; the caller has seeded NumPy with the epoch."""
        shuffled = np.random.permutation(len(self))
        return shuffled[np.argsort(self.sizes[shuffled], kind="stable")]

    def __getitem__(self, index: int) -> dict:
        split = self.split
        sequences = [
            part[index].numpy()[:-1] for part in (split.original, split.synonym, split.antonym)
        ]
        labels = [part[index].numpy()[:-1] for part in (split.synonym_labels, split.antonym_labels)]
        lengths = words_that_fit(
            [self.word_begin[tokens] for tokens in sequences], self.tokens_per_sample - 2
        )
        original, synonym, antonym = (
            np.concatenate([[self.bos], tokens[:length], [self.eos]])
            for tokens, length in zip(sequences, lengths, strict=True)
        )
        # The hash of numbers is the same in every process and run.
        rng = np.random.default_rng(abs(hash((self.seed, self.epoch, index))))
        masked, target = self.masking(original, rng)
        return {
            "id": index,
            "source": torch.from_numpy(masked),
            "target": torch.from_numpy(target),
            "synonym": torch.from_numpy(synonym),
            "antonym": torch.from_numpy(antonym),
            "synonym_labels": self._labels(labels[0], synonym),
            "antonym_labels": self._labels(labels[1], antonym),
        }

    def _labels(self, labels: np.ndarray, tokens: np.ndarray) -> Tensor:
        """Labels of `tokens`, whose first and last (<s> and </s>) are ignored."""
        padded = np.full(len(tokens), IGNORED_LABEL, dtype=np.int64)
        padded[1:-1] = labels[: len(tokens) - 2]
        return torch.from_numpy(padded)

    def collater(self, samples: list[dict]) -> dict:
        if not samples:
            return {}
        longest = max(
            len(sample[key]) for sample in samples for key in ("source", "synonym", "antonym")
        )

        def batch(key: str, pad: int) -> Tensor:
            return data_utils.collate_tokens(
                [sample[key] for sample in samples], pad, pad_to_length=longest
            )

        lengths = torch.tensor([len(sample["source"]) for sample in samples])
        return {
            "id": torch.tensor([sample["id"] for sample in samples]),
            "nsentences": len(samples),
            "ntokens": int(lengths.sum()),
            "net_input": {"src_tokens": batch("source", self.pad), "src_lengths": lengths},
            "target": batch("target", self.pad),
            "synonym": batch("synonym", self.pad),
            "antonym": batch("antonym", self.pad),
            "synonym_labels": batch("synonym_labels", IGNORED_LABEL),
            "antonym_labels": batch("antonym_labels", IGNORED_LABEL),
        }


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
