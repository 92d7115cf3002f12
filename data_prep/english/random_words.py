"""Random words of a part of speech, drawn from the corpus (CLINE, section 3.1)."""

from __future__ import annotations

import random
from bisect import bisect
from collections import Counter, defaultdict
from itertools import accumulate

from data_prep.english import wordnet
from data_prep.english.frequency import in_use
from data_prep.english.lexicon import Lexicon, most_frequent
from data_prep.english.offensive_words import OFFENSIVE_WORDS
from data_prep.english.substitutes import CONTENT_TAGS, lemma_of, why_left_alone

_DRAWS = 8  # words that may be drawn before there is none: most of a small corpus may be excluded


def _is_usual(word: str, tag: str) -> bool:
    """Whether people use a word as this part of speech: "found" is a noun, too, and hardly ever one."""
    lemma = None if why_left_alone(word, tag) else lemma_of(word, tag)
    return lemma is not None and wordnet.uses(lemma, CONTENT_TAGS[tag]) > 0


class RandomWords:
    """Draws words of a given tag with their corpus frequency."""

    def __init__(self, lexicon: Lexicon, avoid: frozenset[str] = OFFENSIVE_WORDS) -> None:
        """Gathers the words by their most frequent tag, as far as readers know them as such.

        Args:
            avoid: words that are not drawn.
        """
        by_tag: dict[str, Counter[str]] = defaultdict(Counter)
        for form, tags in lexicon.counts.items():
            tag, word = most_frequent(tags), form.lower()
            if in_use(word) and word not in avoid and _is_usual(word, tag):
                by_tag[tag][word] += tags[tag]
        self._words = {tag: sorted(counts) for tag, counts in by_tag.items()}
        self._cumulative = {
            tag: [*accumulate(by_tag[tag][word] for word in words)]
            for tag, words in self._words.items()
        }

    def draw(self, tag: str, without: frozenset[str], rng: random.Random) -> str | None:
        """A lower-case word with a tag; None if there is none, or 8 draws fail.

        Args:
            without: words that are not drawn.
        """
        words = self._words.get(tag)
        if not words:
            return None
        cumulative = self._cumulative[tag]
        for _ in range(_DRAWS):
            word = words[bisect(cumulative, rng.random() * cumulative[-1])]
            if word not in without:
                return word
        return None
