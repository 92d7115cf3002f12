"""The synonym and the antonym version of a sentence: which words to replace, and by what.

CLINE, section 3.1. Replacement is word for word, so all versions have the same number of words.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from data_prep.english.expressions import places_in_expressions
from data_prep.english.quota import Quota
from data_prep.english.random_words import RandomWords
from data_prep.english.replaceable import IN_EXPRESSION, NOTHING_FITS
from data_prep.english.substitutes import match_case
from data_prep.triplets.chunks import (
    INT32_BYTES,
    NO_KEEPERS,
    Chunk,
    Encoded,
    Keepers,
    ReplacedChunks,
    Slot,
)

SYNONYM_SHARE = 0.4  # share of all word tokens, section 3.1
ANTONYM_SHARE = 0.2

Place = tuple[int, Slot]  # number of a chunk in its sentence, its word


@dataclass(slots=True)
class Sentence:
    """The three versions of a sentence as encoded chunks, with the kinds of replacements."""

    versions: tuple[list[Encoded], list[Encoded], list[Encoded]]
    chunks: Sequence[Chunk]
    words: int
    kept: dict[int, str]
    """Number of the chunk -> kind of the replacement in the synonym version."""
    changed: dict[int, str]
    """The same of the antonym version."""
    left_alone: Counter[str]
    """Reason -> number of the words that it keeps from being replaced in the synonym version."""

    def sizes(self) -> list[int]:
        """The tokens of each version, wherever in a block the sentence will stand."""
        return [
            (sum([len(e.data) for e in v]) + max(0, len(v[0].first) - len(v[0].data)))
            // INT32_BYTES
            for v in self.versions
        ]


class Places:
    """The replaceable words of a sentence."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        """Finds them: neither in fixed expressions nor with nothing to stand for them."""
        fixed = places_in_expressions([chunk.link for chunk in chunks])
        self.open: list[Place] = []
        """Words whose meaning may be changed."""
        self.keeping: list[tuple[int, Slot, Keepers]] = []
        """Words whose meaning can be kept, and by what."""
        self.left_alone: Counter[str] = Counter()
        self.words = sum([chunk.words for chunk in chunks])
        for place, chunk in enumerate(chunks):
            slot = chunk.slot
            if slot is None:
                self.left_alone[chunk.left_alone] += chunk.words
                continue
            if chunk.words > 1:
                self.left_alone[chunk.left_alone] += chunk.words - 1
            if place not in fixed:
                self.open.append((place, slot))
                possessed = place + 1 < len(chunks) and chunks[place + 1].possessive
                keepers = slot.uninflected if possessed else slot.keepers
            else:
                keepers = slot.inflections if place - 1 not in fixed else NO_KEEPERS
            if keepers:
                self.keeping.append((place, slot, keepers))
            else:
                self.left_alone[IN_EXPRESSION if place in fixed else NOTHING_FITS] += 1


class Perturbation:
    """Makes the versions of the sentences of one unit, with its own random numbers."""

    def __init__(
        self,
        replaced: ReplacedChunks,
        random_words: RandomWords,
        seed: str,
        antonyms_only: bool = False,
    ) -> None:
        """Keeps what the versions are made with.

        Args:
            antonyms_only: whether no random word comes into the antonym version.
        """
        self._replaced = replaced
        self._random_words = random_words
        self._antonyms_only = antonyms_only
        self._rng = random.Random(seed)
        self._synonyms = Quota(SYNONYM_SHARE)
        self._antonyms = Quota(ANTONYM_SHARE)

    def __call__(self, chunks: list[Chunk], least_kept: int, least_changed: int) -> Sentence:
        """Replaces words of a sentence: at least as many as asked for, if there are candidates."""
        original = [chunk.encoded for chunk in chunks]
        places = Places(chunks)
        synonym, kept = self.keep_meaning(chunks, places, least_kept)
        antonym = original.copy()
        changed: dict[int, str] = {}
        able = places.open
        if self._antonyms_only:
            able = [pair for pair in able if pair[1].antonyms]
        count = self._antonyms.take(places.words, len(able), least_changed)
        for place, slot in self._harder_first(able, count):
            self._put(antonym, place, slot, changed, *self._meaning_changed(slot))
        versions = (original, synonym, antonym)
        return Sentence(versions, chunks, places.words, kept, changed, places.left_alone)

    def keep_meaning(
        self, chunks: Sequence[Chunk], places: Places, least: int
    ) -> tuple[list[Encoded], dict[int, str]]:
        """The synonym version, with the kinds of its replacements."""
        synonym = [chunk.encoded for chunk in chunks]
        kept: dict[int, str] = {}
        count = self._synonyms.take(places.words, len(places.keeping), least)
        for place, slot, keepers in self._rng.sample(places.keeping, count):
            self._put(synonym, place, slot, kept, *self._meaning_kept(keepers))
        return synonym, kept

    def _harder_first(self, places: list[Place], count: int) -> list[Place]:
        """Draws words, those with a true antonym before others: they make the harder negatives."""
        opposed = [pair for pair in places if pair[1].antonyms]
        if count <= len(opposed):
            return self._rng.sample(opposed, count)
        others = [pair for pair in places if not pair[1].antonyms]
        return opposed + self._rng.sample(others, count - len(opposed))

    def _meaning_kept(self, keepers: Keepers) -> tuple[str, str]:
        """A kind and a word of it: a synonym, a hypernym or another inflection."""
        draw = self._rng.random()
        index = next((i for i, limit in enumerate(keepers.thresholds) if draw < limit), -1)
        kind, words = keepers.kinds[index]
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
        kinds: dict[int, str],
        kind: str,
        word: str | None,
    ) -> None:
        if word is None:
            return
        encoded = self._replaced[slot.before, match_case(slot.word, word), slot.after]
        if encoded is not None:
            version[place] = encoded
            kinds[place] = kind
