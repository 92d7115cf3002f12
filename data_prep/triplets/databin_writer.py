"""Writer of a data-bin of triplets: a kill at any moment loses seconds, not the run.

Everything is written to ``DEST.partial``. A journal there says how many units are complete and how
long each file was then; a resumed run cuts the files to these lengths and goes on. The folder gets
its final name only when it is whole, manifest included.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from data_prep.errors import InputError
from data_prep.fairseq_format.indices import write_index
from data_prep.files.manifests import write_manifest
from data_prep.files.text_units import Unit
from data_prep.files.whole import check_new, write_json, write_text
from data_prep.tokenizers.subwords import SubwordEncoder
from data_prep.tokenizers.tokenizer_folders import FILES
from data_prep.triplets.triplet_maker import VERSIONS, Blocks

LABELED = ("syn", "ant")
PARTS = (*VERSIONS, *(f"{version}_labels" for version in LABELED))
LEXICON = "lexicon.tsv"
WORD_BEGIN = "word_begin.txt"
_WORK = "work"  # journal, sizes and lock, removed at the end
_JOURNAL_SECONDS = 2.0


class DatabinWriter:
    """Appends units to ``DEST.partial``, which gets its final name when it is complete."""

    def __init__(self, dest: Path, fingerprint: dict[str, Any]) -> None:
        """Begins, or goes on where a killed run stopped.

        Args:
            fingerprint: settings that decide the content; a partial folder with others is refused.

        Raises:
            InputError: ``dest`` exists, is being written by another process, or its partial
                folder belongs to a run with other settings.
        """
        check_new(dest)
        fingerprint = json.loads(json.dumps(fingerprint))  # as the journal gives it back
        self.dest = dest
        self.folder = dest.with_name(dest.name + ".partial")
        self._work = self.folder / _WORK
        self._work.mkdir(parents=True, exist_ok=True)
        self._lock = (self._work / "lock").open("w")
        try:
            # A lock of this process alone: its workers must not hold it when it is killed.
            fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(
                f"{self.folder}: another process is writing it; wait for it"
            ) from error
        self._files: dict[str, BinaryIO] = {}
        self._journal_path = self._work / "journal.json"
        self._journal = self._open_journal(fingerprint)
        self._saved = time.monotonic()

    def _open_journal(self, fingerprint: dict[str, Any]) -> dict[str, Any]:
        if not self._journal_path.exists():
            return {"fingerprint": fingerprint, "splits": {}}
        try:
            journal = json.loads(self._journal_path.read_text(encoding="utf-8"))
            old, states = journal["fingerprint"], journal["splits"].values()
            differing = sorted(k for k in {*old, *fingerprint} if old.get(k) != fingerprint.get(k))
            begun = any(state["next"] > 0 for state in states)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(
                f"{self._journal_path}: damaged ({error}); remove {self.folder} to begin again"
            ) from error
        if differing:
            raise InputError(
                f"{self.folder}: belongs to an unfinished run with another {', '.join(differing)}; "
                "repeat that command to finish it, or remove the folder"
            )
        if not begun:  # nothing tells yet whether the text is still the same
            journal.pop("lexicon_agreement", None)
        return journal

    def begin(self, split: str) -> tuple[int, str]:
        """Opens a split's files at the state of the journal.

        Returns:
            The number of the next unit, and the digest of the text before it.

        Raises:
            InputError: a file has lost what was written to it.
        """
        fresh = {"next": 0, "digest": "", "bytes": {}, "stats": {}}
        state = self._journal["splits"].setdefault(split, fresh)
        for name in self._names(split):
            path = self._path(name)
            path.touch()
            written = state["bytes"].get(name, 0)
            if path.stat().st_size < written:
                raise InputError(
                    f"{path}: shorter than the unfinished run has left it; remove {self.folder} to "
                    "begin again"
                )
            self._files[name] = path.open("r+b")
            self._files[name].truncate(written)
            self._files[name].seek(0, os.SEEK_END)
        return state["next"], state["digest"]

    def _path(self, name: str) -> Path:
        return (self._work if name.endswith(".sizes") else self.folder) / name

    @staticmethod
    def _names(split: str) -> list[str]:
        return [
            *(f"{split}.{part}.bin" for part in PARTS),
            *(f"{split}.{version}.sizes" for version in VERSIONS),
        ]

    def append(self, split: str, unit: Unit, blocks: Blocks) -> None:
        """Adds the blocks of a unit, after which a resumed run goes on."""
        for version in VERSIONS:
            self._files[f"{split}.{version}.bin"].write(blocks.ids[version].data)
            self._files[f"{split}.{version}.sizes"].write(blocks.sizes[version].data)
        for version in LABELED:
            self._files[f"{split}.{version}_labels.bin"].write(blocks.labels[version].data)
        state = self._journal["splits"][split]
        state["next"], state["digest"] = unit.index + 1, unit.digest
        state["stats"] = dict(Counter(state["stats"]) + blocks.stats)
        state["dtype"] = blocks.ids["ori"].dtype.name
        if time.monotonic() - self._saved > _JOURNAL_SECONDS:
            self._save(split)

    def _save(self, split: str) -> None:
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())
        lengths = {name: file.tell() for name, file in self._files.items()}
        self._journal["splits"][split]["bytes"] = lengths
        _write_record(self._journal_path, self._journal)
        self._saved = time.monotonic()

    def end(self, split: str) -> None:
        """Closes a split, all units of which are there."""
        self._save(split)
        for file in self._files.values():
            file.close()
        self._files = {}

    def lexicon(self, learn: Callable[[Path], dict[str, float]]) -> Path:
        """The lexicon's file; ``learn`` writes it and returns its agreement, once per data-bin."""
        path = self.folder / LEXICON
        if "lexicon_agreement" not in self._journal:
            self._journal["lexicon_agreement"] = learn(path)
            _write_record(self._journal_path, self._journal)
        return path

    def stats(self, split: str) -> Counter[str]:
        """Counts of a split, as ``Blocks`` have them."""
        return Counter(self._journal["splits"][split]["stats"])

    def finish(self, encoder: SubwordEncoder, generator: int, details: dict[str, Any]) -> None:
        """Writes indices, tokenizer and manifest, and gives the folder its final name.

        Args:
            generator: number of the code that has made the triplets.
            details: further entries of the manifest.

        Raises:
            InputError: a split has no triplet. Nothing is left then.
        """
        splits = self._journal["splits"]
        for split, state in splits.items():
            if not state["stats"].get("blocks"):
                self._lock.close()
                shutil.rmtree(self.folder)
                raise InputError(
                    f"--{split}: the text gave no triplet, nothing in it can be replaced; "
                    "give more text, or make fewer shards"
                )
            self._write_indices(split, np.dtype(state["dtype"]))
        encoder.save(self.folder)
        write_word_beginnings(self.folder, encoder)
        tokenizer = [name for name in FILES if (self.folder / name).exists()]
        names = [*tokenizer, WORD_BEGIN, LEXICON]
        for split in splits:
            names += [name for name in self._names(split) if not name.endswith(".sizes")]
            names += [f"{split}.{part}.idx" for part in PARTS]
        write_manifest(
            self.folder,
            "cline-triplets",
            generator,
            names,
            lexicon_agreement=self._journal["lexicon_agreement"],
            **details,
        )
        os.replace(self.folder, self.dest)
        self._lock.close()
        shutil.rmtree(self.dest / _WORK)

    def _write_indices(self, split: str, dtype: np.dtype) -> None:
        for version in VERSIONS:
            sizes = self._work / f"{split}.{version}.sizes"
            write_index(self.folder / f"{split}.{version}.idx", sizes, dtype)
            if version in LABELED:
                labels = self.folder / f"{split}.{version}_labels.idx"
                write_index(labels, sizes, np.dtype(np.uint8))


def write_word_beginnings(folder: Path, encoder: SubwordEncoder) -> None:
    """Writes, in ``word_begin.txt``, a 1 for each symbol of the dictionary that begins a word."""
    symbols = encoder.dictionary.symbols[encoder.dictionary.nspecial :]
    begins = "".join(f"{int(encoder.begins_word(symbol))}\n" for symbol in symbols)
    write_text(folder / WORD_BEGIN, begins)


def _write_record(path: Path, content: dict[str, Any]) -> None:
    write_json(path, content, indent=1, sort_keys=True)
