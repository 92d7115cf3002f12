"""Places in a line whose words can become WordNet synonyms of the same inflection and case.

The words are those of CLINE's data (data_prep.make_triplets): nouns, verbs, adjectives and
adverbs, by spaCy's tags in context. Hypernyms and other inflections are left out: unlike there,
the meaning must stay the same for a label or a translation.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from data_prep.english.expressions import places_in_expressions
from data_prep.english.replaceable import Replaceable, find_replaceable, link_of
from data_prep.english.substitutes import match_case
from data_prep.english.taggers import SpacyTagger, Token, load_tagger_model
from data_prep.english.wordnet import open_wordnet

DEFAULT_SHARE = 0.1  # share of all words, which is more than most texts reach


@dataclass(frozen=True)
class Place:
    """A word of a chunk that can be replaced, and the words that may stand there."""

    before: str
    """The chunk before the word."""
    word: str
    after: str
    """The chunk behind the word."""
    synonyms: tuple[str, ...]
    """Its synonyms, in its letter case."""


@dataclass(frozen=True)
class SynonymLine:
    """A line as chunks between spaces, and the places in them, by the chunk's number."""

    chunks: list[str]
    words: int
    """Number of the words, which are the tokens with a letter or a digit."""
    places: dict[int, Place]

    def with_words(self, words: Mapping[int, str]) -> str:
        """The line with other words at some of its places, by the chunk's number."""
        chunks = self.chunks.copy()
        for number, word in words.items():
            place = self.places[number]
            chunks[number] = place.before + word + place.after
        return " ".join(chunks)

    def some_replaced(self, share: float, rng: random.Random) -> str:
        """The line with synonyms for a share of its words, one at least if one has any."""
        count = min(max(1, round(share * self.words)), len(self.places))
        drawn = sorted(rng.sample([*self.places], count))
        words = {number: rng.choice(self.places[number].synonyms) for number in drawn}
        return self.with_words(words)


def find_place(chunk: str, tokens: list[Token]) -> Place | None:
    """The first replaceable word of a chunk, if it has synonyms."""
    found = find_replaceable(chunk, tokens)
    if not isinstance(found, Replaceable) or not found.substitutes.synonyms:
        return None
    cased = (match_case(found.word, word) for word in found.substitutes.synonyms)
    return Place(found.before, found.word, found.after, tuple(filter(None, cased)))


@lru_cache(maxsize=1)
def _tagger() -> SpacyTagger:
    """The tagger, loaded once for all calls of ``find_places``."""
    return SpacyTagger(load_tagger_model())


def load_synonyms() -> None:
    """Loads what ``find_places`` needs, so that processes forked afterwards share it.

    Raises:
        ResourceError: WordNet or spaCy's model is not installed.
    """
    _tagger()
    open_wordnet()


def find_places(lines: Iterable[str]) -> Iterator[SynonymLine]:
    """Each line, single spaces between its chunks, with its places.

    Raises:
        ResourceError: WordNet or spaCy's model is not installed.
    """
    tagger = _tagger()
    looked_up = lru_cache(maxsize=1 << 16)(tagger.tokens)
    for keys in tagger.keys(list(lines)):
        tokenized = [looked_up(key) for key in keys]
        words = sum(any(map(str.isalnum, form)) for _, tokens in tokenized for form, _, _ in tokens)
        fixed = places_in_expressions([link_of(*chunk) for chunk in tokenized])
        places = ((number, find_place(*chunk)) for number, chunk in enumerate(tokenized))
        yield SynonymLine(
            chunks=[chunk for chunk, _ in tokenized],
            words=words,
            places={number: place for number, place in places if place and number not in fixed},
        )
