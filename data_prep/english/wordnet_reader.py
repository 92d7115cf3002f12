"""NLTK's reader of WordNet, quick to load and safe to use in forked processes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from nltk.corpus.reader.wordnet import Synset, WordNetCorpusReader


class LazyIndex(Mapping[str, dict[str, list[int]]]):
    """Lemma -> part of speech -> offsets of its synsets; the lines of a lemma are read on demand.

    NLTK reads all 155,000 lines first, which takes longer than most work with them afterwards.
    """

    def __init__(self, lines: Iterable[str], satellites: set[int]) -> None:
        """Finds the lemmas in the lines of WordNet's index files, one after the other.

        Args:
            satellites: offsets of the synsets that are adjective satellites.
        """
        self._lines: dict[str, list[str]] = {}
        for line in lines:
            if not line.startswith(" "):  # the license
                self._lines.setdefault(line[: line.index(" ")], []).append(line)
        self._satellites = satellites

    def __getitem__(self, lemma: str) -> dict[str, list[int]]:
        found = {}
        for line in self._lines.get(lemma, ()):
            _, pos, count, *fields = line.split()
            found[pos] = [*map(int, fields[-int(count) :])]
            if pos == "a":
                found["s"] = [offset for offset in found[pos] if offset in self._satellites]
        return found

    def __contains__(self, lemma: object) -> bool:
        return lemma in self._lines

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


class EnglishReader(WordNetCorpusReader):
    """NLTK's reader for WordNet's own language, quick to load and safe to use in forked processes."""

    def __init__(self, root: str) -> None:
        super().__init__(root, None)
        # A forked process shares the position in its parent's open files: two that read at once
        # would get each other's lines. So it opens its own.
        os.register_at_fork(after_in_child=self._data_file_map.clear)

    def _load_lemma_pos_offset_map(self) -> None:
        files = [self.open(f"index.{suffix}") for suffix in self._FILEMAP.values()]
        lines = chain.from_iterable(file.read().splitlines() for file in files)
        self._lemma_pos_offset_map = LazyIndex(lines, self.satellite_offsets)
        for file in files:
            file.close()

    def senses(self, lemma: str, pos: str) -> list[Synset]:
        """The synsets of a lemma in small letters, most frequent first, without looking for its
        base forms."""
        offsets = self._lemma_pos_offset_map.get(lemma, {}).get(pos, ())
        return [self.synset_from_pos_and_offset(pos, offset) for offset in offsets]

    def map_wn(self, version: str = "wordnet") -> None:
        """No map between versions: only other languages need it, and it takes 2 s."""
