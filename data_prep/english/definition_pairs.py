"""Pairs of WordNet's definitions with the similarity of what they define."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from data_prep.english.glosses import split_gloss
from data_prep.english.wordnet import open_wordnet
from data_prep.files.whole import whole_file

if TYPE_CHECKING:
    from nltk.corpus.reader.wordnet import Synset

# Steps up to a more general noun and down to a more special one, by which the second noun of a pair
# is found; None: it is any noun. Each kind is as frequent: of random pairs nearly all are unrelated.
_WALKS = ((1, 0), (1, 1), (2, 2), (3, 3), None)
HIGHEST = 5  # as on the scale of STS


def definition_pairs(count: int, seed: int) -> Iterator[tuple[str, str, float]]:
    """Draws pairs of definitions of nouns with a score from 0 to 5.

    The score is 5 times WordNet's path similarity, 1 / (1 + edges of the shortest path between two
    nouns): 2.5 for a noun and a more general one, 1.7 for two special cases of a noun, about 0.4 for
    any two.

    Args:
        count: number of pairs.
        seed: of the draw.

    Raises:
        ResourceError: WordNet is not installed.
    """
    nouns = _in_order(open_wordnet().all_synsets("n"))
    rng = random.Random(seed)
    made = 0
    while made < count:
        first, walk = rng.choice(nouns), rng.choice(_WALKS)
        second = rng.choice(nouns) if walk is None else _walk(first, *walk, rng)
        texts = [split_gloss(noun.definition())[0] for noun in (first, second)]
        if first != second and texts[0] != texts[1]:
            yield texts[0], texts[1], HIGHEST * first.path_similarity(second)
            made += 1


def write_pairs(path: Path, *, count: int, seed: int = 1) -> None:
    """Writes pairs as CSV, ``text,text,score``, the form of STS-B; whole or not at all."""
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerows((a, b, f"{score:.3f}") for a, b, score in definition_pairs(count, seed))


def _walk(noun: Synset, up: int, down: int, rng: random.Random) -> Synset:
    """The noun at the end of a walk, which ends early where there is nothing above or below."""
    for _ in range(up):
        noun = rng.choice(_in_order(noun.hypernyms()) or [noun])
    for _ in range(down):
        noun = rng.choice(_in_order(noun.hyponyms()) or [noun])
    return noun


def _in_order(synsets: Iterator[Synset] | list[Synset]) -> list[Synset]:
    """Sorted by their place in WordNet's file: NLTK's own order changes with the process."""
    return sorted(synsets, key=lambda synset: synset.offset())
