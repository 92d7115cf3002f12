"""A data-bin of triplets on disk: opened, checked, and handed out split by split."""

import json
import os
from dataclasses import dataclass

import numpy as np
from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import MMapIndexedDataset

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256

FORMAT = "cline-triplets"
VERSION = 1
REMEDY = "make it again with `python -m data_prep.make_triplets`"


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

    Opening it checks what can be checked without reading the corpus: the manifest, the size of
    every file, the dictionary's hash and the number of lines of the word-begin table.

    Raises:
        InputError: the folder is missing, unfinished, damaged or of another format.
    """

    def __init__(self, folder: str):
        self.folder = folder
        self.manifest = _read_manifest(folder)
        self._check_files()
        self.dictionary = Dictionary.load(self.path("dict.txt"))
        self.word_begin = self._read_word_begin()

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def split(self, name: str) -> TripletSplit:
        """Opens the five datasets of a split.

        Raises:
            InputError: no such split, or datasets that do not match each other.
        """
        there = sorted(self.manifest["splits"])
        if name not in there:
            raise InputError(
                f"{self.folder} has no split '{name}'; there are: {', '.join(there)} "
                "(--train-subset, --valid-subset)"
            )
        split = TripletSplit(
            *(
                self._open(f"{name}.{part}")
                for part in ("ori", "syn", "ant", "syn_labels", "ant_labels")
            )
        )
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

    def _open(self, name: str) -> MMapIndexedDataset:
        for suffix in (".idx", ".bin"):
            if name + suffix not in self.manifest["files"]:
                raise InputError(f"{self.path(name + suffix)} is not in the manifest; {REMEDY}")
        return MMapIndexedDataset(self.path(name))

    def _check_files(self) -> None:
        for name, entry in self.manifest["files"].items():
            path = self.path(name)
            if not os.path.isfile(path):
                raise InputError(f"{path} is missing; {REMEDY}")
            size = os.path.getsize(path)
            if size != entry["bytes"]:
                raise InputError(
                    f"{path} has {size} bytes, its manifest says {entry['bytes']} (cut short or "
                    f"changed); copy it again or {REMEDY}"
                )
        # The dictionary gives every token its meaning and is small: it is worth the hash.
        path = self.path("dict.txt")
        entry = self.manifest["files"].get("dict.txt")
        if entry is None or file_sha256(path) != entry["sha256"]:
            raise InputError(f"{path} is not the dictionary of this data-bin; {REMEDY}")

    def _read_word_begin(self) -> np.ndarray:
        """Whether a dictionary index begins a word: (V,) bool; specials do not."""
        path = self.path("word_begin.txt")
        with open(path, encoding="ascii") as lines:
            flags = np.array([line.strip() == "1" for line in lines], dtype=bool)
        specials = self.dictionary.nspecial
        if len(flags) != len(self.dictionary) - specials:
            raise InputError(
                f"{path} has {len(flags)} lines, dict.txt {len(self.dictionary) - specials}; "
                f"{REMEDY}"
            )
        return np.concatenate([np.zeros(specials, dtype=bool), flags])


def _read_manifest(folder: str) -> dict:
    if not os.path.isdir(folder):
        raise InputError(f"{folder} is not a folder; give the data-bin of make_triplets")
    path = os.path.join(folder, "manifest.json")
    if not os.path.isfile(path):
        raise InputError(
            f"{path} is missing: not a data-bin of triplets, or an unfinished one; run "
            "make_triplets again to finish it"
        )
    try:
        with open(path, encoding="utf-8") as file:
            manifest = json.load(file)
        found = (manifest["format"], manifest["version"])
        complete = {"splits", "files"} <= manifest.keys()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a manifest of make_triplets; {REMEDY}") from error
    if found != (FORMAT, VERSION) or not complete:
        raise InputError(
            f"{path} has format {found[0]} version {found[1]}, this version reads {FORMAT} "
            f"version {VERSION}; {REMEDY}"
        )
    return manifest
