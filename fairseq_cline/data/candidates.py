"""The draws of ATCL for each sentence: the word to perturb, its antonym, and the negatives.

Letters: B sentences, K of them with a candidate, T tokens, n negatives.

Everything is drawn here, from the seed, the epoch and the numbers of the examples: it does not
depend on the number of loader processes, and a resumed run draws the same.
"""

import numpy as np
import torch
from fairseq.data import BaseWrapperDataset, FairseqDataset
from torch import Tensor

from fairseq_cline.data.antonyms_file import Antonyms
from fairseq_cline.data.candidate_words import CandidateWords

NONE = -1  # no candidate, no negative
_CANDIDATE, _NEGATIVES = range(2)  # the two kinds of draws


class CandidateDataset(BaseWrapperDataset):
    """A dataset of sentences, with the draws for one side of it in every batch.

    Batches get `candidates[side]`, for the K of the B sentences that have a candidate:

    * `rows`, `columns` (K,): the token to perturb, uniform among the complete words;
    * `negatives` (K, n): places in the flattened (B, T) batch, uniform with replacement among all
      tokens but pads and the candidate itself; -1 if there is no other token;
    * `antonyms` (K,): a symbol to put in the candidate's place, -1 if there is none. Only with
      antonyms; then the candidate is drawn from the words that have any, if the sentence has such.

    Args:
        dataset: items with a (T,) sequence under `key`, whose batch is `net_input[input_key]`.
        side: "encoder" or "decoder", whose embeddings are perturbed.
        shift: tokens that the model's input has before the sequence (1 for the target of a
            translation, whose input begins with </s>).
        left_pad: the batch pads the sequence on the left.
        num_negatives: n, 0 or more.
        are_sentences: each sequence begins a sentence, so its first word is whole.
    """

    def __init__(
        self,
        dataset: FairseqDataset,
        key: str,
        input_key: str,
        side: str,
        words: CandidateWords,
        num_negatives: int,
        antonyms: Antonyms | None,
        pad: int,
        seed: int,
        shift: int = 0,
        left_pad: bool = False,
        are_sentences: bool = False,
    ):
        super().__init__(dataset)
        self.key, self.input_key, self.side = key, input_key, side
        self.words, self.antonyms = words, antonyms
        self.num_negatives, self.shift, self.left_pad = num_negatives, shift, left_pad
        self.are_sentences = are_sentences
        self.pad, self.seed = pad, seed
        # In shared memory: a process that loads data may outlive an epoch.
        self._epoch = torch.ones(1, dtype=torch.int64).share_memory_()

    def set_epoch(self, epoch: int) -> None:
        super().set_epoch(epoch)
        self._epoch.fill_(epoch)

    @property
    def epoch(self) -> int:
        """The epoch that candidates are drawn for, from 1 on."""
        return int(self._epoch)

    def __getitem__(self, index: int) -> dict:
        item = self.dataset[index]
        candidate = self._draw_candidate(item[self.key].numpy(), index)
        return {**item, f"{self.side}_candidate": candidate}

    def _draw_candidate(self, tokens: np.ndarray, index: int) -> tuple[int, int]:
        """Position and antonym, each `NONE` when there is none."""
        rng = self._generator(_CANDIDATE, index)
        places = np.flatnonzero(self.words.positions(tokens, self.are_sentences))
        if self.antonyms is not None:
            opposed = places[self.antonyms.has_any[tokens[places]]]
            if len(opposed):
                position = int(rng.choice(opposed))
                return position, self.antonyms.draw(int(tokens[position]), rng)
        return (int(rng.choice(places)) if len(places) else NONE), NONE

    def _generator(self, *numbers: int) -> np.random.Generator:
        # The hash of numbers is the same in every process and run.
        key = (self.seed, self.epoch, int(self.side == "encoder"), *numbers)
        return np.random.default_rng(abs(hash(key)))

    def collater(self, samples: list[dict]) -> dict:
        batch = self.dataset.collater(samples)
        if not batch:
            return batch
        drawn = {
            sample["id"]: (*sample[f"{self.side}_candidate"], len(sample[self.key]))
            for sample in samples
        }
        ids = batch["id"].tolist()  # a dataset may sort its batch
        position, antonyms, lengths = (
            torch.tensor(column) for column in zip(*map(drawn.__getitem__, ids), strict=True)
        )
        rows = position.ne(NONE).nonzero().squeeze(1)
        tokens = batch["net_input"][self.input_key]
        # Not counted by its symbol, which --num-batch-buckets puts into the sequences too.
        padding = tokens.size(1) - lengths if self.left_pad else torch.zeros_like(lengths)
        columns = position[rows] + self.shift + padding[rows]
        candidates = {
            "rows": rows,
            "columns": columns,
            "negatives": self._draw_negatives(tokens, rows, columns, ids),
        }
        if self.antonyms is not None:
            candidates["antonyms"] = antonyms[rows]
        batch.setdefault("candidates", {})[self.side] = candidates
        return batch

    def _draw_negatives(
        self, tokens: Tensor, rows: Tensor, columns: Tensor, ids: list[int]
    ) -> Tensor:
        size = (len(rows), self.num_negatives)
        places = tokens.ne(self.pad).flatten().nonzero().squeeze(1).numpy()
        others = len(places) - 1
        if others < 1:
            return torch.full(size, NONE)
        draws = self._generator(_NEGATIVES, *ids).integers(others, size=size)
        # Numbers of the other places: from the anchor's own number on they are one higher.
        anchors = (rows * tokens.size(1) + columns).numpy()
        draws += draws >= np.searchsorted(places, anchors)[:, None]
        return torch.from_numpy(places[draws])
