"""A data-bin of triplets on disk: opened, checked, and handed out split by split."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from fairseq.data.indexed_dataset import MMapIndexedDataset

from data_prep.errors import InputError
from data_prep.files.byte_order_marks import UTF_8
from data_prep.files.lines import text_errors
from data_prep.files.manifests import MANIFEST, read_manifest
from data_prep.files.name_lists import listed
from fairseq_cline.data.databin_folder import DatabinFolder
from fairseq_cline.data.index_file import read_items

REMEDY = "make it again with `python -m data_prep.make_triplets`"
_PARTS = ("ori", "syn", "ant", "syn_labels", "ant_labels")


@dataclass(frozen=True)
class TripletSplit:
    """The five aligned datasets of one split; item i of each belongs to triplet i."""

    original: MMapIndexedDataset
    synonym: MMapIndexedDataset
    antonym: MMapIndexedDataset
    synonym_labels: MMapIndexedDataset
    antonym_labels: MMapIndexedDataset


class DataBin:
    """A finished data-bin folder.

    Opening it verifies all but the splits, and the size of every file; a split is verified when it
    is opened.

    Args:
        verify: False: files are read without a comparison with the manifest, which is there in any
            case.

    Raises:
        InputError: the folder is missing, unfinished, damaged or of another format.
    """

    def __init__(self, folder: str, verify: bool = True):
        self.folder, self.is_verified = folder, verify
        self.manifest = _read_manifest(folder)
        self._files = DatabinFolder(folder, "cline-triplets", verify)
        others = (name for name in self._files.files if not name.endswith((".bin", ".idx")))
        self._files.verify(*others)
        self.dictionary = self._files.dictionary("dict.txt")
        self.word_begin = self._read_word_begin()

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def split(self, name: str) -> TripletSplit:
        """Opens the five datasets of a split.

        Raises:
            InputError: no such split, or datasets that are damaged or do not match each other.
        """
        there = sorted(self.manifest["splits"])
        if name not in there:
            raise InputError(
                f"{self.folder} has no split '{name}': name one of {listed(there)} (--split; in "
                "fairseq --train-subset, --valid-subset), or give data_prep.make_triplets its text"
            )
        prefixes = [f"{name}.{part}" for part in _PARTS]
        self._files.verify(*(f"{prefix}.{end}" for prefix in prefixes for end in ("idx", "bin")))
        for prefix in prefixes:
            elements = read_items(self.path(prefix)).elements
            limit = 2 if prefix.endswith("labels") else len(self.dictionary)
            if not self.is_verified and not 0 <= elements.min() <= elements.max() < limit:
                raise InputError(
                    f"{self.path(prefix)}.bin has symbol {elements.max()}, but there are only "
                    f"{limit}; {REMEDY}"
                )
        split = TripletSplit(*(MMapIndexedDataset(self.path(prefix)) for prefix in prefixes))
        for part, dataset in (("syn", split.synonym), ("ant", split.antonym)):
            if len(dataset) != len(split.original):
                raise InputError(
                    f"{self.path(f'{name}.{part}.idx')} has {len(dataset)} blocks, but "
                    f"{name}.ori.idx has {len(split.original)}; {REMEDY}"
                )
        for part, labels, tokens in (
            ("syn", split.synonym_labels, split.synonym),
            ("ant", split.antonym_labels, split.antonym),
        ):
            if not np.array_equal(labels.sizes, tokens.sizes):
                raise InputError(
                    f"{self.path(f'{name}.{part}_labels.idx')} does not have one label for each "
                    f"token of {name}.{part}; {REMEDY}"
                )
        return split

    def _read_word_begin(self) -> np.ndarray:
        """Whether a dictionary index begins a word: (V,) bool; specials do not."""
        path = self.path("word_begin.txt")
        with text_errors(path), open(path, encoding=UTF_8) as file:
            lines = file.read().split("\n")
        if lines.pop() or not {*lines} <= {"0", "1"}:
            raise InputError(f"{path}: not one of 0 and 1 in each line; {REMEDY}")
        flags = np.array(lines) == "1"
        specials = self.dictionary.nspecial
        if len(flags) != len(self.dictionary) - specials:
            raise InputError(
                f"{path} has {len(flags)} lines, dict.txt {len(self.dictionary) - specials}; "
                f"{REMEDY}"
            )
        return np.concatenate([np.zeros(specials, dtype=bool), flags])


def _read_manifest(folder: str) -> dict[str, Any]:
    """The manifest, with the entries that readers of triplets use."""
    if not os.path.isdir(folder):
        raise InputError(f"{folder} is not a folder; give the data-bin of make_triplets")
    manifest = read_manifest(folder, "cline-triplets")
    path = os.path.join(folder, MANIFEST)
    if manifest is None:
        raise InputError(
            f"{path} is missing: not a data-bin of triplets, or an unfinished one; run "
            "make_triplets again to finish it"
        )
    splits, tokenizer = (manifest.content.get(key) for key in ("splits", "tokenizer"))
    has_splits = isinstance(splits, dict) and all(isinstance(s, dict) for s in splits.values())
    if not has_splits or not isinstance(tokenizer, dict) or "sha256" not in tokenizer:
        raise InputError(f"{path}: does not say its splits and its tokenizer; {REMEDY}")
    return manifest.content
