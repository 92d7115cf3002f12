"""Triplets of an original, a synonym and an antonym sequence (CLINE)."""

import numpy as np
import torch
from torch import Tensor

from fairseq_cline.data.aligned_dataset import AlignedDataset

IGNORED_LABEL = -1  # label of a special or a pad: no replaced-token loss there


class TripletDataset(AlignedDataset):
    """Aligned triplets, with one label for each token of the two perturbed sequences.

    A batch has these keys besides those of `AlignedDataset`:

    | key | shape | content |
    |---|---|---|
    | `synonym`, `antonym` | (B, T) | the perturbed sequences |
    | `synonym_labels`, `antonym_labels` | (B, T) | 1 replaced, 0 kept, -1 special or pad |
    """

    example = "triplet"
    sequences = ("original", "synonym", "antonym")

    def __getitem__(self, index: int) -> dict:
        item = super().__getitem__(index)
        for name, stored in (
            ("synonym", self.split.synonym_labels),
            ("antonym", self.split.antonym_labels),
        ):
            item[f"{name}_labels"] = _labels(stored[index].numpy()[:-1], len(item[name]))
        return item

    def collater(self, samples: list[dict]) -> dict:
        batch = super().collater(samples)
        if samples:
            for key in ("synonym_labels", "antonym_labels"):
                length = batch["target"].size(1)
                batch[key] = self.collated(samples, key, IGNORED_LABEL, length)
        return batch


def _labels(labels: np.ndarray, length: int) -> Tensor:
    """Labels of a sequence of `length` whose first and last (<s> and </s>) are ignored."""
    padded = np.full(length, IGNORED_LABEL, dtype=np.int64)
    padded[1:-1] = labels[: length - 2]
    return torch.from_numpy(padded)
