"""Replacements drawn at random, in context, for a person to judge."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from data_prep.english.substitutes import explain
from data_prep.files.text_units import Corpus, Unit
from data_prep.triplets.generation import Setup, build_maker
from data_prep.triplets.negations import NEGATED_ANTONYM, NEGATION
from data_prep.triplets.perturbation import Sentence
from data_prep.triplets.summary import KINDS, marked
from data_prep.triplets.survey import spread_lines

WORDS = 300  # words of text read for a row: one in a hundred has a hypernym
LEAST_WORDS = 10_000


class Row(NamedTuple):
    """A replacement to be judged, with a place for the verdict."""

    verdict: str
    kind: str
    tag: str
    word: str
    replacement: str
    reason: str
    sentence: str
    """The original sentence with ``[word > replacement]`` in it."""


def draw_replacements(setup: Setup, split: str, corpus: Corpus, count: int) -> list[Row]:
    """Draws about as many replacements of each kind, from text all over the corpus.

    Args:
        count: number of the rows; fewer where the text has no more.
    """
    lines = [*spread_lines(corpus, max(WORDS * count, LEAST_WORDS))]
    rows: dict[str, list[Row]] = defaultdict(list)
    for block in build_maker(setup).blocks(split, Unit(0, lines, 0, ""), Counter()):
        for sentence in block:
            for row in _rows(sentence):
                rows[row.kind].append(row)
    rng = random.Random(setup.options.seed)
    drawn: list[Row] = []
    # A kind with few rows leaves its share to those behind it.
    kinds = sorted({*KINDS, *rows}, key=lambda kind: (len(rows[kind]), kind))
    for left, kind in enumerate(kinds):
        share = (count - len(drawn)) // (len(kinds) - left)
        drawn += rng.sample(rows[kind], min(share, len(rows[kind])))
    rng.shuffle(drawn)
    return drawn


def _rows(sentence: Sentence) -> Iterator[Row]:
    original, *versions = sentence.versions
    for version, kinds in zip(versions, (sentence.kept, sentence.changed), strict=True):
        for place, kind in kinds.items():
            slot, new = sentence.chunks[place].slot, version[place]
            other = new.text[slice(*new.span)]
            if kind in (NEGATION, NEGATED_ANTONYM):  # the whole version is the replacement
                text = " ".join(marked(original, version))
                yield Row("", kind, "", sentence.chunks[place].encoded.text, new.text, "", text)
                continue
            assert slot is not None  # else nothing would have been replaced
            alone = original.copy()
            alone[place] = new
            reason = explain(kind, slot.word.lower(), slot.tag, other.lower())
            text = " ".join(marked(original, alone))
            yield Row("", kind, slot.tag, slot.word, other, reason, text)
