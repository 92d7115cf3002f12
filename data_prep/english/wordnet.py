"""Lexical relations of WordNet 3.0: synonyms, hypernyms and antonyms of a lemma.

Parts of speech are WordNet's letters: ``n`` noun, ``v`` verb, ``a`` adjective, ``r`` adverb. A
relation holds between senses, and a text has words. So each related word comes with the share of
the uses of either word in which the relation holds, by the counts of WordNet's sense-tagged text.
Words are single, in lower case ("cm", never "Cm" or "come_on"), and in use.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from data_prep.english.false_pairs import NOT_ALIKE, NOT_OPPOSED
from data_prep.english.frequency import in_use
from data_prep.english.installed import wordnet_path
from data_prep.english.scales import SCALES

if TYPE_CHECKING:
    from nltk.corpus.reader.wordnet import Lemma, Synset

    from data_prep.english.wordnet_reader import EnglishReader

UNSEEN = 0.5  # count of a sense that the tagged text does not have
# Depth of the most general nouns that may stand for another one: a "garment" for a shirt, and no
# "entity", "period" or "region".
LEAST_DEPTH = 6


class Related(NamedTuple):
    """A word that has a relation to another word in some of their senses."""

    word: str
    share: float
    """Share of the uses of the other word in which it has this relation."""
    back: float
    """Share of the uses of this word in which it has this relation."""


@cache
def open_wordnet() -> EnglishReader:
    """The WordNet 3.0 reader (loads once, about half a second).

    Raises:
        ResourceError: WordNet is not installed; the message names the command that gets it.
    """
    from data_prep.english.wordnet_reader import EnglishReader  # imports NLTK

    with warnings.catch_warnings():
        # The reader says that other languages' WordNets are missing: none is used here.
        warnings.simplefilter("ignore", UserWarning)
        return EnglishReader(wordnet_path())


@cache
def _tag_counts() -> dict[str, int]:
    """Sense key -> occurrences in WordNet's sense-tagged text (NLTK would search the file)."""
    lines = (Path(wordnet_path()) / "cntlist.rev").read_text(encoding="utf-8").splitlines()
    return {key: int(count) for key, _, count in (line.split() for line in lines)}


def _is_word(name: str) -> bool:
    return name.isalpha() and name.islower() and len(name) > 1 and in_use(name)


@lru_cache(maxsize=1 << 16)
def _senses(lemma: str, pos: str) -> tuple[Lemma, ...]:
    """The senses of exactly this spelling, most frequent first ("cm" is not "Cm", curium)."""
    synsets = open_wordnet().senses(lemma, pos)
    return tuple(item for sense in synsets for item in sense.lemmas() if item.name() == lemma)


def in_wordnet(lemma: str, pos: str) -> bool:
    """Whether WordNet has the lemma as this part of speech."""
    return bool(_senses(lemma, pos))


def uses(lemma: str, pos: str) -> int:
    """Occurrences of a lemma as this part of speech in WordNet's sense-tagged text."""
    return sum(_tag_counts().get(item.key(), 0) for item in _senses(lemma, pos))


def _share(lemma: str, pos: str, holds: Callable[[Lemma], bool]) -> float:
    """Share of a lemma's uses whose sense fulfills a condition."""
    senses = _senses(lemma, pos)
    counts = [UNSEEN + _tag_counts().get(item.key(), 0) for item in senses]
    held = sum(count for count, item in zip(counts, senses, strict=True) if holds(item))
    return held / sum(counts) if counts else 0.0


def _ordered(synsets: Iterable[Synset]) -> list[Synset]:
    """The synsets as WordNet's file has them: NLTK's own order changes from process to process."""
    return sorted(synsets, key=lambda synset: synset.offset())


def _named(lemma: str, pos: str, synsets_of: Callable[[Synset], list[Synset]]) -> list[Related]:
    """The words of the synsets that the lemma's synsets lead to.

    Only those that the tagged text has in one of these senses, or that have no other sense.
    """
    reached: dict[str, set[Synset]] = {}
    attested = set()
    for sense in _senses(lemma, pos):
        for synset in synsets_of(sense.synset()):
            for item in synset.lemmas():
                if _is_word(item.name()) and item.name() != lemma:
                    reached.setdefault(item.name(), set()).add(synset)
                    if _tag_counts().get(item.key()):
                        attested.add(item.name())
    return [
        Related(
            word,
            _share(lemma, pos, partial(_leads_to, synsets, synsets_of)),
            _share(word, pos, partial(_leads_to, synsets, _itself)),
        )
        for word, synsets in reached.items()
        if (word in attested or len(_senses(word, pos)) == 1) and (lemma, word) not in NOT_ALIKE
    ]


def _leads_to(
    synsets: set[Synset], synsets_of: Callable[[Synset], list[Synset]], item: Lemma
) -> bool:
    return not synsets.isdisjoint(synsets_of(item.synset()))


def _itself(synset: Synset) -> list[Synset]:
    return [synset]


@lru_cache(maxsize=1 << 14)
def synonyms(lemma: str, pos: str) -> list[Related]:
    """Other words of the same senses, those of the most frequent sense first."""
    return _named(lemma, pos, _itself)


@lru_cache(maxsize=1 << 14)
def hypernyms(lemma: str, pos: str) -> list[Related]:
    """Words for the next more general thing or property; verbs have none that fit in their place."""
    return [] if pos in "vr" else _named(lemma, pos, _parents)


@lru_cache(maxsize=1 << 16)
def _parents(synset: Synset) -> list[Synset]:
    """The next more general things or properties: a noun's hypernyms, and the head of a scale for an adjective."""
    if synset.pos() == "s":
        return [s for s in _ordered(synset.similar_tos()) if SCALES & {*s.lemma_names()}]
    return [s for s in _ordered(synset.hypernyms()) if _depth(s) >= LEAST_DEPTH]


@lru_cache(maxsize=1 << 16)
def _depth(synset: Synset) -> int:
    """Steps to the most general synset, as NLTK counts them (and slower)."""
    above = synset.hypernyms() + synset.instance_hypernyms()
    return 1 + min(map(_depth, above)) if above else 0


@lru_cache(maxsize=1 << 14)
def antonyms(lemma: str, pos: str) -> list[Related]:
    """Antonyms in any sense, by name: in WordNet pairs of words, not of synsets."""
    found = _opposed(lemma, pos, _antonyms_of)
    return [item for item in found if (lemma, item.word) not in NOT_OPPOSED]


@lru_cache(maxsize=1 << 14)
def opposite_ends(adjective: str) -> list[Related]:
    """The antonyms of the heads of scales that an adjective is near: "small", for "huge"."""
    return _opposed(adjective, "a", _opposite_ends_of)


def _opposed(lemma: str, pos: str, opposites_of: Callable[[Lemma], set[str]]) -> list[Related]:
    words = {word for item in _senses(lemma, pos) for word in opposites_of(item)} - {lemma}
    return [
        Related(
            word,
            _share(lemma, pos, partial(_is_opposed_to, word, opposites_of)),
            _share(word, pos, _has_antonym),
        )
        for word in sorted(filter(_is_word, words))
    ]


def _antonyms_of(item: Lemma) -> set[str]:
    return {antonym.name() for antonym in item.antonyms()}


def _opposite_ends_of(item: Lemma) -> set[str]:
    synset = item.synset()
    near = synset.similar_tos() if synset.pos() == "s" else []
    heads = [head for synset in near for head in synset.lemmas() if head.name() in SCALES]
    return {antonym.name() for head in heads for antonym in head.antonyms()}


def _is_opposed_to(word: str, opposites_of: Callable[[Lemma], set[str]], item: Lemma) -> bool:
    return word in opposites_of(item)


def _has_antonym(item: Lemma) -> bool:
    return bool(item.antonyms())
