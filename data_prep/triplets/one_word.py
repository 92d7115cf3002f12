"""Versions of a sentence with one other word: a synonym in one, an antonym in the other.

CLINE, section 4.6: the triplets that Hits are counted on.
"""

from __future__ import annotations

import random

from data_prep.english.substitutes import match_case
from data_prep.triplets.chunks import Chunk, Encoded, ReplacedChunks, Slot
from data_prep.triplets.perturbation import Places, Sentence


class OneWordPerturbation:
    """Makes the versions of the sentences of one unit, with its own random numbers.

    The same word is replaced in both versions where the sentence has one with a synonym and an
    antonym, so that the place of the change tells nothing; else one word in each.
    """

    def __init__(self, replaced: ReplacedChunks, seed: str) -> None:
        self._replaced = replaced
        self._rng = random.Random(seed)

    def __call__(self, chunks: list[Chunk], least_kept: int, least_changed: int) -> Sentence:
        """Replaces one word in each version whose least number is above 0, where a word can be."""
        original = [chunk.encoded for chunk in chunks]
        places = Places(chunks)
        slots = dict(places.open)
        synonyms = self._candidates(slots, "synonyms") if least_kept else {}
        antonyms = self._candidates(slots, "antonyms") if least_changed else {}
        shared = synonyms.keys() & antonyms.keys()
        if shared:
            place = self._rng.choice(sorted(shared))
            synonyms, antonyms = {place: synonyms[place]}, {place: antonyms[place]}
        synonym, antonym = self._replace(original, synonyms), self._replace(original, antonyms)
        return Sentence(
            (original, synonym, antonym),
            chunks,
            places.words,
            kept=_changes(original, synonym, "synonym"),
            changed=_changes(original, antonym, "antonym"),
            left_alone=places.left_alone,
        )

    def _candidates(self, slots: dict[int, Slot], kind: str) -> dict[int, list[Encoded]]:
        """Place -> the chunks that may stand there, without the places that have none."""
        found = {}
        for place, slot in slots.items():
            keys = (
                (slot.before, match_case(slot.word, word), slot.after)
                for word in getattr(slot, kind)
            )
            chunks = [chunk for key in keys if (chunk := self._replaced[key])]
            if chunks:
                found[place] = chunks
        return found

    def _replace(
        self, original: list[Encoded], candidates: dict[int, list[Encoded]]
    ) -> list[Encoded]:
        version = original.copy()
        if candidates:
            place = self._rng.choice([*candidates])
            version[place] = self._rng.choice(candidates[place])
        return version


def _changes(original: list[Encoded], version: list[Encoded], kind: str) -> dict[int, str]:
    """The places in which a version differs from the original."""
    pairs = enumerate(zip(original, version, strict=True))
    return {place: kind for place, (old, new) in pairs if old is not new}
