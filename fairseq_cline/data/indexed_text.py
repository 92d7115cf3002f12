"""Checks of stock data-bins before training: what fairseq would meet with a traceback, or never."""

import os
import struct

import numpy as np
from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import MMapIndexedDataset, infer_dataset_impl, make_dataset

from data_prep.errors import InputError


def check_dictionary(path: str) -> None:
    """Raises InputError when there is no such file."""
    if not os.path.isfile(path):
        raise InputError(f"{path}: no such file; give the folder of a data-bin")


def check_indexed_text(prefix: str, dictionary: Dictionary, dictionary_path: str) -> int:
    """Checks `prefix`.idx and .bin, as far as they are of the mmap kind that fairseq writes.

    Reading all symbols once costs about a second for a billion of them.

    Returns:
        The number of sentences.

    Raises:
        InputError: there is no such split, it is cut short, or it has symbols that are not in
            the dictionary.
    """
    if not MMapIndexedDataset.exists(prefix):
        folder, name = os.path.split(prefix)
        raise InputError(f"{folder} has no {name}.idx and {name}.bin; give another split or folder")
    kind = infer_dataset_impl(prefix)
    if kind is None:
        raise InputError(f"{prefix}.idx is damaged (no index of fairseq); make it again")
    if kind != "mmap":
        return len(make_dataset(prefix, kind))
    try:
        index = MMapIndexedDataset.Index(prefix + ".idx")
        symbols = np.memmap(prefix + ".bin", dtype=index.dtype, mode="r")
    except (ValueError, OSError, struct.error, KeyError) as error:
        raise InputError(f"{prefix}.idx or .bin is damaged ({error}); make them again") from error
    expected = int(index.sizes.sum())
    if len(symbols) != expected:
        raise InputError(
            f"{prefix}.bin has {len(symbols)} symbols, its index says {expected} (cut short or "
            "changed); copy it again, or make the data-bin again"
        )
    highest = int(symbols.max())
    if highest >= len(dictionary):
        raise InputError(
            f"{prefix}.bin has symbol {highest}, but {dictionary_path} only {len(dictionary)}: it "
            "is the dictionary of another data-bin; put its own beside it"
        )
    return len(index)
