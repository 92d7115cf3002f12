"""Words that may stand in for a word: same inflection (Penn tag), same letter case.

CLINE, section 3.1: synonyms, hypernyms and morphological changes keep the meaning; antonyms and
random words of the same part of speech change it. A word whose sense is not clear without its
context is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from data_prep.english import wordnet
from data_prep.english.empty_words import EMPTY_WORDS
from data_prep.english.frequency import far_rarer, in_use
from data_prep.english.inflection import forms, lemmas
from data_prep.english.offensive_words import OFFENSIVE_WORDS
from data_prep.english.wordnet import Related

# Penn Treebank tags of content words -> WordNet's part of speech.
CONTENT_TAGS = {
    **dict.fromkeys(("NN", "NNS"), "n"),
    **dict.fromkeys(("VB", "VBD", "VBG", "VBN", "VBP", "VBZ"), "v"),
    **dict.fromkeys(("JJ", "JJR", "JJS"), "a"),
    **dict.fromkeys(("RB", "RBR", "RBS"), "r"),
}
_LEMMA_TAGS = frozenset(("NN", "VB", "VBP", "JJ", "RB"))

# Least shares of the uses of a word, and of the uses of the other word, in which the relation holds.
SYNONYMS = (0.7, 0.5)
HYPERNYMS = (0.9, 0.55)
ANTONYMS = (0.55, 0.1)  # a word that stands for its opposite is read as that in its place
# How many times more frequent than another lemma the lemma of a form must be: "leaves" is of "leaf",
# not of the noun "leave"; "glasses", which WordNet has as a plural of its own too, may be of either.
CLEAR_LEMMA = 4.0
CLEAR_SINGULAR = 10.0

# Why a word is left alone.
NO_CONTENT_TAG = "no_content_tag"
EMPTY = "empty"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Substitutes:
    """Lower-case candidates for one (word, tag)."""

    synonyms: tuple[str, ...]
    hypernyms: tuple[str, ...]
    """Words for the next more general thing or property."""
    inflections: tuple[str, ...]
    """Other forms of the word itself."""
    antonyms: tuple[str, ...]


@lru_cache(maxsize=1 << 16)
def lemma_of(word: str, tag: str) -> str | None:
    """The lemma of a lower-case word with a content tag.

    None if WordNet has no such lemma, or several between which the tag does not decide.
    """
    pos = CONTENT_TAGS[tag]
    if tag in _LEMMA_TAGS:
        return word if wordnet.in_wordnet(word, pos) else None
    found = lemmas(word, tag) or (wordnet.open_wordnet().morphy(word, pos) or word,)
    candidates = {
        lemma for lemma in found if wordnet.in_wordnet(lemma, pos) and word in forms(lemma, tag)
    }
    clear = CLEAR_LEMMA
    if tag == "NNS" and wordnet.in_wordnet(word, pos):
        candidates.add(word)
        clear = CLEAR_SINGULAR
    counts = sorted(((wordnet.uses(lemma, pos), lemma) for lemma in candidates), reverse=True)
    if not counts:
        return None
    most, lemma = counts[0]
    others = [count for count, _ in counts[1:]]
    return lemma if not others or most >= clear * max(*others, 1) else None


@lru_cache(maxsize=1 << 16)
def inflect(lemma: str, tag: str) -> str | None:
    """The form of ``lemma`` that ``tag`` asks for; None when the dictionary has none."""
    if tag in _LEMMA_TAGS:
        return lemma
    return next(iter(forms(lemma, tag)), None)


def is_content(word: str, tag: str) -> bool:
    """Whether a word with this tag is a noun, verb, adjective or adverb that may be replaced."""
    return tag in CONTENT_TAGS and len(word) > 1 and word.isalpha() and word not in EMPTY_WORDS


def why_left_alone(word: str, tag: str) -> str | None:
    """The reason why nothing may stand for a lower-case word; None if something may."""
    if not is_content(word, tag):
        return EMPTY if tag in CONTENT_TAGS and word in EMPTY_WORDS else NO_CONTENT_TAG
    return None if lemma_of(word, tag) else UNKNOWN


def _may_stand(form: str, word: str, avoid: frozenset[str]) -> bool:
    """Whether a form is another word than the one that it would stand for, in use and not avoided."""
    return (
        form != word
        and form.isalpha()
        and in_use(form)
        and form not in EMPTY_WORDS
        and form not in avoid
    )


def _fits(form: str, tag: str, word: str) -> bool:
    """Whether a word of WordNet has the grammar that it lists it for."""
    if tag == "NN":  # "authorities", for "government", is a plural
        found = lemmas(form, tag)
        return not found or form in found
    return tag != "RB" or form.endswith("ly") or not word.endswith("ly")  # "easy", for "easily"


def _forms(
    related: Iterable[Related],
    tag: str,
    word: str,
    least: tuple[float, float],
    avoid: frozenset[str],
) -> tuple[str, ...]:
    """The related words of enough of the uses, in the inflection that the tag asks for."""
    found: dict[str, None] = {}
    for item in related:
        form = inflect(item.word, tag)
        if not form or item.share < least[0] or item.back < least[1]:
            continue
        if not _may_stand(form, word, avoid):
            continue
        negated = word.endswith(form) or form.endswith(word)  # "unimportant" is rare, and right
        if (negated or not far_rarer(form, than=word)) and _fits(form, tag, word):
            found[form] = None
    return tuple(found)


@lru_cache(maxsize=1 << 16)
def find_substitutes(
    word: str, tag: str, avoid: frozenset[str] = OFFENSIVE_WORDS
) -> Substitutes | None:
    """Candidates for a lower-case word; None for words that must stay (``why_left_alone``).

    Args:
        avoid: words that never stand for another one.
    """
    lemma = None if why_left_alone(word, tag) else lemma_of(word, tag)
    if lemma is None:
        return None
    pos = CONTENT_TAGS[tag]
    siblings = (t for t, p in CONTENT_TAGS.items() if p == pos and t != tag)
    # "Worst" is a form of "bad", whatever else the dictionary has it for.
    changed = dict.fromkeys(
        form for t in siblings if (form := inflect(lemma, t)) and lemma_of(form, t) == lemma
    )
    antonyms = _forms(wordnet.antonyms(lemma, pos), tag, word, ANTONYMS, avoid)
    if not antonyms and pos == "a":
        antonyms = _forms(wordnet.opposite_ends(lemma), tag, word, HYPERNYMS, avoid)
    return Substitutes(
        synonyms=_forms(wordnet.synonyms(lemma, pos), tag, word, SYNONYMS, avoid),
        hypernyms=_forms(wordnet.hypernyms(lemma, pos), tag, word, HYPERNYMS, avoid),
        inflections=tuple(form for form in changed if _may_stand(form, word, avoid)),
        antonyms=antonyms,
    )


def explain(kind: str, word: str, tag: str, other: str) -> str:
    """Why another word may stand for a lower-case word, for whoever judges it.

    Args:
        kind: synonym, hypernym, inflection, antonym or random.
        other: the other word, in small letters and with the inflection of the tag.
    """
    lemma = lemma_of(word, tag) or word
    if kind == "inflection":
        return f"a form of {lemma}"
    if kind == "random":
        return f"a word of the corpus with the tag {tag}"
    pos = CONTENT_TAGS[tag]
    related = {
        "synonym": wordnet.synonyms,
        "hypernym": wordnet.hypernyms,
        "antonym": wordnet.antonyms,
    }[kind](lemma, pos)
    for item in related:
        if inflect(item.word, tag) == other:
            return (
                f"{kind} in {item.share:.0%} of the uses of {lemma} and {item.back:.0%} of those of "
                f"{item.word}"
            )
    return f"antonym of what {lemma} is an extreme kind of"


def match_case(model: str, word: str) -> str | None:
    """``word`` in the letter case of ``model``; None for a mixed case ("iPhone")."""
    if model.islower():
        return word
    if model.isupper() and len(model) > 1:
        return word.upper()
    return word.capitalize() if model[0].isupper() and model[1:].islower() else None
