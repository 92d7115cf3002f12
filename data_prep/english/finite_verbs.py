"""Finite verbs: which of them can be negated, and whether a parse of them can be right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_prep.english.inflection import forms
from data_prep.english.verb_forms import base_form
from data_prep.english.word_sets import words

if TYPE_CHECKING:
    from spacy.tokens import Token

SUBJECTS = frozenset({"nsubj", "nsubjpass", "expl"})
BE = words("is are was were am 's 're 'm ’s ’re ’m")
# Their negation is no opposite ("may not"), or another verb's ("need not"), or both are rare.
_MODALS = words("can could will would shall should ca wo sha 'll ’ll 'd ’d")
# "Let us", "used to", "I guess", "I assure you".
_SPECIAL = words("assure be dare do guess let need use")
AUXILIARIES = BE | _MODALS | words("do does did has have had 've ’ve")


_SINGULAR = frozenset({"NN", "NNP", "VBG"})
_PLURAL = frozenset({"NNS", "NNPS", "CD"})
_PRONOUNS = {
    "VBZ": words("he she it this that there one which who"),
    "VBP": words("i you we they these those there"),
}


def agree(subject: Token, finite: Token) -> bool:
    """Whether the subject's number is that of a present tense; where it is not, a parse is wrong."""
    if subject.tag_ in {"WP", "WDT", "WRB"}:
        return False
    if finite.tag_ not in _PRONOUNS or finite.lower_ in BE:
        return True
    if any(child.dep_ == "conj" for child in subject.children):
        return True
    word, tag = subject.lower_, subject.tag_
    if word in {"people", "police"}:
        return finite.tag_ == "VBP"
    if word in _PRONOUNS["VBZ"] | _PRONOUNS["VBP"]:
        return word in _PRONOUNS[finite.tag_]
    return tag in (_SINGULAR if finite.tag_ == "VBZ" else _PLURAL)


def is_sure(finite: Token, root: Token) -> bool:
    """Whether the finite verb is one that can be negated, and is certainly finite."""
    word = finite.lower_
    if finite.tag_ == "MD":
        return finite != root and word in _MODALS
    if word in BE:
        return True
    if finite != root:
        return word in AUXILIARIES
    base = base_form(word, finite.tag_)
    if base is None or base in _SPECIAL:
        # "Do" that stands for another verb.
        return base == "do" and any(child.dep_ == "dobj" for child in root.children)
    if finite.doc[finite.i - 1].text == ")":  # "a being (a female) imagined to be"
        return False
    # "A man dressed in black", "the result arrived at by guessing": a participle that a parser takes
    # for a past tense.
    if finite.tag_ != "VBD" or word not in forms(base, "VBN"):
        return True
    behind = [token.lower_ if token.dep_ in {"agent", "prep"} else "" for token in finite.doc]
    first, second = (*behind[finite.i + 1 :], "", "")[:2]
    return not first or not ("by" in {first, second} or _is_bare(root))


def _is_bare(root: Token) -> bool:
    """Whether the subject may be the head of a fragment: it is indefinite."""
    subject = next(child for child in root.children if child.dep_ in SUBJECTS)
    if subject.pos_ == "PRON" or subject.tag_ in {"NNP", "NNPS"}:
        return False
    first = subject.left_edge
    return first.lower_ in {"a", "an"} or first.pos_ not in {"DET", "PRON"}
