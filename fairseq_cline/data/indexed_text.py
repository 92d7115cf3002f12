"""Checks of binary texts before training: what fairseq would meet with a traceback, or never."""

import struct
from collections.abc import Callable

from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import (
    IndexedRawTextDataset,
    MMapIndexedDataset,
    infer_dataset_impl,
    make_dataset,
)

from data_prep.errors import InputError
from fairseq_cline.data.databin_folder import DatabinFolder
from fairseq_cline.data.index_file import read_items


def parts_of_split(split: str, combine: bool, exists: Callable[[str], bool]) -> list[str]:
    """Names of a split and of what fairseq adds to it: `train`, `train1`, `train2`, ...

    Args:
        combine: as for `load_dataset`; False: the split alone.
        exists: tells whether there is a further part of that name.
    """
    parts = [split]
    while combine and exists(f"{split}{len(parts)}"):
        parts.append(f"{split}{len(parts)}")
    return parts


def has_text(databin: DatabinFolder, name: str) -> bool:
    """Whether a data-bin has both files of a binary text."""
    return MMapIndexedDataset.exists(databin.path(name))


def check_indexed_text(
    databin: DatabinFolder, name: str, dictionary: Dictionary, dictionary_path: str
) -> int:
    """Checks a binary text of a data-bin, as far as it is of the mmap kind that fairseq writes.

    Reading all symbols once costs about a second for a billion of them.

    Args:
        name: binary file in the folder, without .idx and .bin.

    Returns:
        The number of sentences.

    Raises:
        InputError: there is no such text, it is damaged, or it has symbols that are not in the
            dictionary.
    """
    prefix = databin.path(name)
    if IndexedRawTextDataset.exists(prefix):  # fairseq would read it in place of the binary one
        databin.verify(name)
    elif not has_text(databin, name):
        raise InputError(
            f"{databin.folder} has no {name}.idx and {name}.bin; give another split or folder"
        )
    if databin.manifest is None:
        kind = infer_dataset_impl(prefix)
        if kind not in (None, "mmap"):
            return _count_of_older_kind(prefix, kind, dictionary)
    databin.verify(f"{name}.idx", f"{name}.bin")
    items = read_items(prefix)
    highest, lowest = int(items.elements.max()), int(items.elements.min())
    if lowest < 0:
        raise InputError(f"{prefix}.bin is damaged (symbol {lowest}); copy it or make it again")
    if highest >= len(dictionary):
        raise InputError(
            f"{prefix}.bin has symbol {highest}, but {dictionary_path} only {len(dictionary)}: it "
            "is the dictionary of another data-bin; put its own beside it"
        )
    return len(items.sizes)


def _count_of_older_kind(prefix: str, kind: str, dictionary: Dictionary) -> int:
    """Number of sentences; the rest is left to fairseq."""
    try:
        return len(make_dataset(prefix, kind, dictionary=dictionary))
    except (
        ArithmeticError, AssertionError, LookupError, MemoryError, OSError, struct.error, ValueError
    ) as error:  # fmt: skip
        raise InputError(
            f"{prefix}: is damaged, or no data of fairseq's kind '{kind}' ({error}); make it again, "
            "with --dataset-impl mmap"
        ) from error
