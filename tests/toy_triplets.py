"""Data-bins of triplets that a model can learn from."""

from pathlib import Path

import numpy as np
import torch
from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import MMapIndexedDatasetBuilder

from data_prep.files.manifests import write_manifest

CONTENT_WORDS = 12
FUNCTION_WORDS = 6


def synthetic_dictionary() -> tuple[Dictionary, list[bool]]:
    """Pieces of words: function words, content words and their two kinds of partner.

    Every second partner has two pieces, so that the three sequences differ in length.
    """
    pieces = [f"▁f{k}" for k in range(FUNCTION_WORDS)]
    for kind in ("c", "s", "a"):
        pieces += [f"▁{kind}{k}" for k in range(CONTENT_WORDS)]
    pieces.append("x")
    dictionary = Dictionary()
    for piece in pieces:
        dictionary.add_symbol(piece, n=1)
    return dictionary, [piece.startswith("▁") for piece in pieces]


def synthetic_triplet(rng: np.random.Generator, words: int) -> dict[str, list[list[str]]]:
    """Words (as lists of pieces) of the three sequences, and which words were replaced.

    A function word names the content word after it up to one of two: there is something for the
    masked language model to learn. The partners of a content word occur nowhere else.
    """
    result = {"ori": [], "syn": [], "ant": [], "syn_labels": [], "ant_labels": []}
    for position in range(words):
        if position % 2 == 0:
            key = int(rng.integers(FUNCTION_WORDS))
            word = [f"▁f{key}"]
        else:
            content = 2 * key + int(rng.integers(2))
            word = [f"▁c{content}"]
        result["ori"].append(word)
        for kind, share in (("syn", 0.8), ("ant", 0.4)):
            replaced = position % 2 == 1 and rng.random() < share
            partner = [f"▁{kind[0]}{content}"] if replaced else word
            if replaced and content % 2:
                partner = [*partner, "x"]
            result[kind].append(partner)
            result[f"{kind}_labels"].append(len(partner) * [int(replaced)])
    return result


def write_databin(
    folder: Path, splits: dict[str, int], seed: int = 1, shortest: int = 4, longest: int = 14
) -> Path:
    """Writes a finished data-bin of `splits` (name -> number of triplets)."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    dictionary, begins = synthetic_dictionary()
    dictionary.save(str(folder / "dict.txt"))
    (folder / "word_begin.txt").write_text("".join(f"{int(begin)}\n" for begin in begins))
    counts = {}
    for split, blocks in splits.items():
        parts = {
            name: MMapIndexedDatasetBuilder(
                str(folder / f"{split}.{name}.bin"),
                dtype=np.uint8 if name.endswith("labels") else np.uint16,
            )
            for name in ("ori", "syn", "ant", "syn_labels", "ant_labels")
        }
        words = tokens = 0
        for _ in range(blocks):
            triplet = synthetic_triplet(rng, int(rng.integers(shortest, longest + 1)))
            words += len(triplet["ori"])
            for name, builder in parts.items():
                flat = [item for word in triplet[name] for item in word]
                if name.endswith("labels"):
                    item = [*flat, 0]
                else:
                    item = [*(dictionary.index(piece) for piece in flat), dictionary.eos()]
                tokens = max(tokens, len(item) + 1)
                builder.add_item(torch.tensor(item))
        for name, builder in parts.items():
            builder.finalize(str(folder / f"{split}.{name}.idx"))
        counts[split] = {"blocks": blocks, "words": words}
    write_triplet_manifest(folder, counts, tokens_per_sample=tokens if splits else 0)
    return folder


def write_triplet_manifest(folder: Path, splits: dict[str, dict], tokens_per_sample: int) -> None:
    """Describes the files that are in `folder` now, as the preparation does at its end."""
    write_manifest(
        folder,
        "cline-triplets",
        generator=1,
        seed=1,
        tokens_per_sample=tokens_per_sample,
        tagger="none",
        tokenizer={"type": "sentencepiece", "sha256": ""},
        shard="0/1",
        splits=splits,
    )
