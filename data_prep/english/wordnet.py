"""Lexical relations of WordNet 3.0: synonyms, hypernyms and antonyms of a lemma.

Parts of speech are WordNet's letters: ``n`` noun, ``v`` verb, ``a`` adjective, ``r`` adverb.
All functions return single lower-case words ("cm", never "Cm" or "come_on"), best first.
"""

from __future__ import annotations

import warnings
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from data_prep.english.installed import wordnet_path

if TYPE_CHECKING:
    from nltk.corpus.reader.wordnet import Synset, WordNetCorpusReader

MAX_ANTONYM_SENSES = 3


@cache
def open_wordnet() -> WordNetCorpusReader:
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
    return name.isalpha() and name.islower() and len(name) > 1


@lru_cache(maxsize=1 << 12)
def _senses(lemma: str, pos: str) -> list[Synset]:
    """The senses of exactly this spelling, most frequent first ("cm" is not "Cm", curium)."""
    return [s for s in open_wordnet().synsets(lemma, pos) if lemma in s.lemma_names()]


def in_wordnet(lemma: str, pos: str) -> bool:
    """Whether WordNet has the lemma as this part of speech."""
    return bool(_senses(lemma, pos))


def _ordered(synsets: list[Synset]) -> list[Synset]:
    """The synsets as WordNet's file has them: NLTK's own order changes from process to process."""
    return sorted(synsets, key=lambda synset: synset.offset())


def _single_words(synsets: list[Synset], without: str) -> list[str]:
    """The words of the synsets that occur in WordNet's sense-tagged text; every word if none does.

    So "own" does not become "ain", which has its meaning but is never used.
    """
    lemmas = [item for synset in synsets for item in synset.lemmas()]
    words = [item for item in lemmas if _is_word(item.name()) and item.name() != without]
    used = [item for item in words if _tag_counts().get(item.key())]
    return list(dict.fromkeys(item.name() for item in used or words))


def synonyms(lemma: str, pos: str) -> list[str]:
    """Other lemmas of the most frequent sense."""
    return _single_words(_senses(lemma, pos)[:1], without=lemma)


def hypernyms(lemma: str, pos: str) -> list[str]:
    """Lemmas of the direct hypernyms of the most frequent sense (nouns and verbs have them)."""
    parents = [h for sense in _senses(lemma, pos)[:1] for h in _ordered(sense.hypernyms())]
    return _single_words(parents, without=lemma)


def antonyms(lemma: str, pos: str) -> list[str]:
    """Antonyms in the first of the most frequent senses that has any.

    Only pairs of words are antonyms in WordNet. An adjective satellite ("damp") stands for
    the head of its cluster ("wet"), so it gets the antonym of that head ("dry").
    """
    for sense in _senses(lemma, pos)[:MAX_ANTONYM_SENSES]:
        own = [a for item in sense.lemmas() if item.name() == lemma for a in item.antonyms()]
        if not own and sense.pos() == "s":
            heads = [item for head in _ordered(sense.similar_tos()) for item in head.lemmas()]
            own = [a for item in heads for a in item.antonyms()]
        words = {a.name() for a in own if _is_word(a.name()) and a.name() != lemma}
        if words:
            return sorted(words)
    return []
