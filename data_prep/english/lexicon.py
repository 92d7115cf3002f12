"""The corpus lexicon: counts of words with their tags, from a sample that spaCy has tagged.

It serves twice: random words "of the same part of speech drawn from the corpus" come from it, and
the fast tagger looks tags up in it.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from data_prep.english.substitutes import is_content
from data_prep.errors import InputError

HELD_OUT_EVERY = 10

TaggedSentence = list[tuple[str, str]]


def _best(tags: Counter[str]) -> str:
    """The most frequent tag; among equally frequent ones the first by name."""
    return min(tags, key=lambda tag: (-tags[tag], tag))


@dataclass(frozen=True)
class Agreement:
    """Agreement of look-ups with spaCy, on sentences that the table has not seen."""

    tokens: int
    """Number of the tokens compared."""
    fine: float
    """Share of tokens with the same Penn tag."""
    content: float
    """Share of tokens with the same verdict: replaceable, with this tag, or not."""


@dataclass
class Lexicon:
    """Counts of (word form, Penn tag)."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @classmethod
    def learn(cls, sentences: Iterable[TaggedSentence]) -> tuple[Lexicon, Agreement]:
        """Counts the sentences; first measures the agreement on a tenth of them, held out."""
        seen, held_out = cls(), []
        for number, sentence in enumerate(sentences):
            if number % HELD_OUT_EVERY == HELD_OUT_EVERY - 1:
                held_out.append(sentence)
            else:
                seen._add(sentence)
        agreement = seen._agreement(held_out)
        for sentence in held_out:
            seen._add(sentence)
        return seen, agreement

    def _add(self, sentence: TaggedSentence) -> None:
        for form, tag in sentence:
            self.counts[form][tag] += 1

    def _agreement(self, sentences: list[TaggedSentence]) -> Agreement:
        fine = content = tokens = 0
        for sentence in sentences:
            for form, tag in sentence:
                mine = self.tag(form)
                tokens += 1
                fine += mine == tag
                content += (mine == tag) or not (
                    is_content(form.lower(), mine) or is_content(form.lower(), tag)
                )
        return Agreement(tokens, fine / max(tokens, 1), content / max(tokens, 1))

    def tag(self, form: str) -> str:
        """The form's most frequent tag, else its lower-case form's, else none ("")."""
        tags = self.counts.get(form) or self.counts.get(form.lower())
        return _best(tags) if tags else ""

    def save(self, path: Path) -> None:
        """Writes one ``form<TAB>tag<TAB>count`` a line, sorted."""
        rows = ((f, t, n) for f, tags in self.counts.items() for t, n in tags.items())
        with path.open("w", encoding="utf-8") as out:
            out.writelines(f"{form}\t{tag}\t{count}\n" for form, tag, count in sorted(rows))

    @classmethod
    def load(cls, path: Path) -> Lexicon:
        """The lexicon that ``save`` has written.

        Raises:
            InputError: a line has another form.
        """
        lexicon = cls()
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                fields = line.rstrip("\n").split("\t")
                if len(fields) != 3 or not fields[2].isdigit():
                    raise InputError(
                        f"{path}, line {number}: not form<TAB>tag<TAB>count; make the file again"
                    )
                lexicon.counts[fields[0]][fields[1]] = int(fields[2])
        return lexicon


class RandomWords:
    """Draws words of a given tag with their corpus frequency."""

    def __init__(self, lexicon: Lexicon) -> None:
        by_tag: dict[str, Counter[str]] = defaultdict(Counter)
        for form, tags in lexicon.counts.items():
            tag, word = _best(tags), form.lower()
            if is_content(word, tag):
                by_tag[tag][word] += tags[tag]
        self._words: dict[str, list[str]] = {}
        self._cumulative: dict[str, list[int]] = {}
        for tag, counts in by_tag.items():
            self._words[tag] = sorted(counts)
            self._cumulative[tag] = list(accumulate(counts[w] for w in self._words[tag]))

    def draw(self, tag: str, without: frozenset[str], rng: random.Random) -> str | None:
        """A lower-case word with ``tag`` that is not in ``without``; None if 8 draws find none."""
        words = self._words.get(tag)
        if not words:
            return None
        cumulative = self._cumulative[tag]
        for _ in range(8):
            word = words[bisect(cumulative, rng.random() * cumulative[-1])]
            if word not in without:
                return word
        return None
