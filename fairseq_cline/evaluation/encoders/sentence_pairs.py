"""Pairs of a sentence and a changed version of it, which a robust encoder keeps close together.

They come from a data-bin of triplets (original and synonym), or from two plain texts, line by line.
Letters: N pairs, T tokens.
"""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.lines import text_lines
from data_prep.tokenizers.subwords import load_encoder
from fairseq_cline.data.triplet_databin import DataBin


@dataclass(frozen=True)
class SentencePairs:
    """N pairs in random order."""

    original: list[Tensor]  # (T,) token indices each, <s> and </s> included
    perturbed: list[Tensor]
    source: dict[str, Any]  # their origin, for reports

    def __len__(self) -> int:
        return len(self.original)

    def unchanged(self) -> int:
        """Number of pairs whose two sentences have the same tokens."""
        return sum(map(torch.equal, self.original, self.perturbed))


def pairs_of_databin(databin: DataBin, split: str, count: int, seed: int) -> SentencePairs:
    """Originals and synonyms of `count` triplets of a split, or of all if there are fewer."""
    datasets = databin.split(split)
    drawn = _drawn(len(datasets.original), count, seed)
    original, perturbed = (
        [_with_bos(dataset[index], databin) for index in drawn]
        for dataset in (datasets.original, datasets.synonym)
    )
    manifest = file_sha256(databin.path("manifest.json"))
    source = {"name": split, "manifest_sha256": manifest, "seed": seed, "pairs": len(drawn)}
    return SentencePairs(original, perturbed, source)


def pairs_of_texts(
    original: str, perturbed: str, databin: DataBin, count: int, seed: int
) -> SentencePairs:
    """`count` pairs of equal lines of two files, or all if there are fewer.

    Args:
        original, perturbed: plain text, one sentence a line.
        databin: whose dictionary the checkpoints have; its tokenizer encodes the texts.

    Raises:
        InputError: the files have different numbers of lines, an empty line or another encoding,
            or the data-bin has no tokenizer.
    """
    lines = {path: _lines(path) for path in (original, perturbed)}
    if len(lines[original]) != len(lines[perturbed]):
        raise InputError(
            f"{original} has {len(lines[original]):,} lines, {perturbed} {len(lines[perturbed]):,}; "
            "line n of the one must be a version of line n of the other"
        )
    encoder = load_encoder(databin.folder)
    drawn = _drawn(len(lines[original]), count, seed)
    encoded = [
        [
            _with_bos(torch.tensor([*ids, databin.dictionary.eos()]), databin)
            for ids in encoder.encode_texts([lines[path][index] for index in drawn])
        ]
        for path in (original, perturbed)
    ]
    digests = {os.path.basename(path): file_sha256(path) for path in lines}
    return SentencePairs(*encoded, {"text_sha256": digests, "seed": seed, "pairs": len(drawn)})


def _drawn(total: int, count: int, seed: int) -> np.ndarray:
    """Indices of `count` of `total` pairs, in random order."""
    return np.random.default_rng(seed).permutation(total)[:count]


def _with_bos(tokens: Tensor, databin: DataBin) -> Tensor:
    return torch.cat([tokens.new_tensor([databin.dictionary.bos()]), tokens]).long()


def _lines(path: str) -> list[str]:
    lines = [*text_lines(path)]
    if not all(lines):
        raise InputError(f"{path}: line {lines.index('') + 1} is empty; take it out of both files")
    return lines
