"""The synonym and the antonym version of a sentence: which words to replace, and by what.

CLINE, section 3.1. Replacement is word for word, so all versions have the same number of words.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from data_prep.english.lexicon import RandomWords
from data_prep.english.quota import Quota
from data_prep.english.substitutes import match_case
from data_prep.triplets.chunks import INT32_BYTES, Chunk, Encoded, ReplacedChunks, Slot

SYNONYM_SHARE = 0.4  # share of all word tokens, section 3.1
ANTONYM_SHARE = 0.2


@dataclass(slots=True)
class Sentence:
    """The three versions of a sentence as encoded chunks, with the kinds of replacements."""

    versions: tuple[list[Encoded], list[Encoded], list[Encoded]]
    words: int
    kept: list[str]
    """Kinds of the replacements in the synonym version."""
    changed: list[str]
    """Kinds of the replacements in the antonym version."""

    def sizes(self) -> list[int]:
        """The tokens of each version, wherever in a block the sentence will stand."""
        return [
            (sum([len(e.data) for e in v]) + max(0, len(v[0].first) - len(v[0].data)))
            // INT32_BYTES
            for v in self.versions
        ]


class Perturbation:
    """Makes the versions of the sentences of one unit, with its own random numbers."""

    def __init__(self, replaced: ReplacedChunks, random_words: RandomWords, seed: str) -> None:
        self._replaced = replaced
        self._random_words = random_words
        self._rng = random.Random(seed)
        self._synonyms = Quota(SYNONYM_SHARE)
        self._antonyms = Quota(ANTONYM_SHARE)

    def __call__(self, chunks: list[Chunk], least_kept: int, least_changed: int) -> Sentence:
        """Replaces words of a sentence: at least as many as asked for, if there are candidates."""
        original = [chunk.encoded for chunk in chunks]
        words = sum([chunk.words for chunk in chunks])
        slots = [(place, chunk.slot) for place, chunk in enumerate(chunks) if chunk.slot]
        kept: list[str] = []
        changed: list[str] = []
        synonym, antonym = original.copy(), original.copy()
        able = [pair for pair in slots if pair[1].keepers]
        count = self._synonyms.take(words, len(able), least_kept)
        for place, slot in self._rng.sample(able, count):
            self._put(synonym, place, slot, kept, *self._meaning_kept(slot))
        count = self._antonyms.take(words, len(slots), least_changed)
        for place, slot in self._harder_first(slots, count):
            self._put(antonym, place, slot, changed, *self._meaning_changed(slot))
        return Sentence((original, synonym, antonym), words, kept, changed)

    def _harder_first(self, slots: list[tuple[int, Slot]], count: int) -> list[tuple[int, Slot]]:
        """Draws words, those with a true antonym before others: they make the harder negatives."""
        opposed = [pair for pair in slots if pair[1].antonyms]
        if count <= len(opposed):
            return self._rng.sample(opposed, count)
        others = [pair for pair in slots if not pair[1].antonyms]
        return opposed + self._rng.sample(others, count - len(opposed))

    def _meaning_kept(self, slot: Slot) -> tuple[str, str]:
        """A kind and a word of it: a synonym, a hypernym or another inflection."""
        draw = self._rng.random()
        index = next((i for i, limit in enumerate(slot.thresholds) if draw < limit), -1)
        kind, words = slot.keepers[index]
        return kind, words[int(self._rng.random() * len(words))]

    def _meaning_changed(self, slot: Slot) -> tuple[str, str | None]:
        """A kind and a word: an antonym, or else a random word with the same tag, if there is one."""
        if slot.antonyms:
            return "antonym", slot.antonyms[int(self._rng.random() * len(slot.antonyms))]
        return "random", self._random_words.draw(slot.tag, slot.taboo, self._rng)

    def _put(
        self,
        version: list[Encoded],
        place: int,
        slot: Slot,
        kinds: list[str],
        kind: str,
        word: str | None,
    ) -> None:
        if word is None:
            return
        encoded = self._replaced[slot.prefix, match_case(slot.form, word), slot.suffix]
        if encoded is not None:
            version[place] = encoded
            kinds.append(kind)
