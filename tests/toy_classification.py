"""A data-bin of classified texts that a model can learn from."""

from pathlib import Path

import numpy as np
from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import MMapIndexedDatasetBuilder


def write_classification_databin(folder: Path, words: Path, splits: dict[str, int]) -> Path:
    """Writes texts of the words of a dictionary: class 1 has synonym words, class 0 antonym words.

    Args:
        words: dict.txt of a data-bin of `toy_triplets`.
        splits: name -> number of texts.
    """
    dictionary = Dictionary.load(str(words))
    labels = Dictionary()
    labels.add_symbol("0")
    labels.add_symbol("1")
    for part, symbols in (("input0", dictionary), ("label", labels)):
        (folder / part).mkdir(parents=True)
        symbols.save(str(folder / part / "dict.txt"))
        for split, size in splits.items():
            builder = MMapIndexedDatasetBuilder(str(folder / part / f"{split}.bin"), dtype=np.int32)
            for item in range(size):
                text = f"▁f{item % 6} ▁{'as'[item % 2]}{item % 12} ▁c{item % 5}"
                line = text if part == "input0" else str(item % 2)
                builder.add_item(symbols.encode_line(line, add_if_not_exist=False))
            builder.finalize(str(folder / part / f"{split}.idx"))
    return folder
