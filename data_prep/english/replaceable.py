"""The replaceable word of a chunk, which is the text between two spaces; or why it has none."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data_prep.english.expressions import Link
from data_prep.english.offensive_words import OFFENSIVE_WORDS
from data_prep.english.substitutes import (
    CONTENT_TAGS,
    EMPTY,
    NO_CONTENT_TAG,
    UNKNOWN,
    Substitutes,
    find_substitutes,
    lemma_of,
    match_case,
    why_left_alone,
)
from data_prep.english.taggers import Token

IN_EXPRESSION = "in_expression"
NOTHING_FITS = "nothing_fits"
# Why a word is left alone, for the eye; the reason that says most first.
REASONS = {
    NOTHING_FITS: "with nothing that fits their place (human, music)",
    IN_EXPRESSION: "in a fixed expression or compound (of course, toss-up)",
    EMPTY: "without content of their own (very, such)",
    UNKNOWN: "not in WordNet or of an unclear lemma",
    NO_CONTENT_TAG: "no nouns, verbs, adjectives or adverbs",
}
_ORDER = [*REASONS]

_JOINS = ("-", "–", "/", "_")  # of compounds
_APOSTROPHES = ("'", "’")


@dataclass(frozen=True, slots=True)
class Replaceable:
    """A word that others may stand for, and what is around it in its chunk."""

    before: str
    word: str
    after: str
    tag: str
    substitutes: Substitutes


def find_replaceable(
    chunk: str, tokens: list[Token], avoid: frozenset[str] = OFFENSIVE_WORDS
) -> Replaceable | str:
    """The first replaceable word of a chunk, or the reason why there is none.

    Args:
        tokens: those of the chunk.
        avoid: words that never stand for another one.
    """
    reasons = {NO_CONTENT_TAG}
    for form, offset, tag in tokens:
        before, after = chunk[:offset], chunk[offset + len(form) :]
        reason = why_left_alone(form.lower(), tag)
        if not reason and match_case(form, form) is None:
            reason = UNKNOWN
        if not reason and (before.endswith(_JOINS) or _joined(after)):
            reason = IN_EXPRESSION
        if reason:
            reasons.add(reason)
            continue
        found = find_substitutes(form.lower(), tag, avoid)
        assert found is not None  # it has no reason to stay
        if after.startswith(_APOSTROPHES):  # "culture's"
            found = replace(found, inflections=())
        return Replaceable(before, form, after, tag, found)
    return min(reasons, key=_ORDER.index)


def _joined(after: str) -> bool:
    """Whether a compound goes on behind a word; "well-" and "and/or" at its end are none."""
    return after.startswith(_JOINS) and len(after) > 1 and after[1].isalnum()


def link_of(chunk: str, tokens: list[Token]) -> Link:
    """A chunk as a word of fixed expressions."""
    words = [token for token in tokens if any(map(str.isalnum, token[0]))]
    if len(words) != 1:
        return Link("", (chunk.lower(),), "")
    [(form, offset, tag)] = words
    word = form.lower()
    lemma = lemma_of(word, tag) if tag in CONTENT_TAGS and word.isalpha() else None
    return Link(
        chunk[:offset],
        (word,) if lemma in (None, word) else (word, lemma),
        chunk[offset + len(form) :],
    )


def is_possessive(chunk: str, tokens: list[Token]) -> bool:
    """Whether a chunk is the mark of a possessive that is written apart: no plural stands before it."""
    return chunk.startswith(_APOSTROPHES) and bool(tokens) and tokens[0][2] == "POS"
