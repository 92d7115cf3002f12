"""The polarity of a clause turned round: "is" > "is not", "did not go" > "went".

A clause is left alone where "not" behind its finite verb is not the whole difference between it and
its opposite: "some" and "already" become other words, "because" may get inside the negation, and
"probably not" stands in another order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_prep.english.clauses import BE, Clause, has_subject, is_quantified, word_behind
from data_prep.english.polarity_words import (
    CAN_NOT,
    EITHER_WAY,
    ELSEWHERE,
    FIRST,
    LIMITED,
    LINKS,
    TO_NEGATIVE,
    TO_POSITIVE,
    WITH_NOT,
    WITHOUT_NOT,
)
from data_prep.english.verb_forms import base_form, forms

if TYPE_CHECKING:
    from spacy.tokens import Token


@dataclass(frozen=True)
class Change:
    """A run of tokens that becomes other words."""

    first: Token
    last: Token
    text: str
    """Begins with a space where the words stand apart from what is before in the chunk."""
    new: tuple[int, int]
    """The characters of ``text`` that are new or changed."""


_FULL = {"ca": "can", "wo": "will", "sha": "shall", "'ll": "will", "’ll": "will"}


def turned(clause: Clause) -> list[Change] | None:
    """The changes that give a clause the other polarity; None where that is not sure."""
    if is_quantified(clause.subject):
        return None
    if clause.subject.lower_ == "there" and not clause.negation:
        return _existence(clause)
    if not _is_plain(clause):
        return None
    return _removed(clause) if clause.negation else _added(clause)


def _is_plain(clause: Clause, without: str = "") -> bool:
    """Whether nothing in the sentence gets into the way of a "not"."""
    doc, root = clause.root.doc, clause.root
    own = {token.lower_ for token in clause.own} - {without}
    if own & EITHER_WAY or own & (WITH_NOT if clause.negation else WITHOUT_NOT):
        return False
    if word_behind(clause.negation or clause.finite) in FIRST:
        return False
    if clause.verbs and not any(token.dep_ == "cc" for token in clause.own):
        return False
    for token in clause.own:
        if token.lower_ == "such" and word_behind(token) != "as":
            return False
        is_joining = token.dep_ in {"cc", "preconj"} and token.i > clause.finite.i
        if is_joining and token.lower_ not in {"and", "or", "&"}:
            return False
        if token.lower_ in {"little", "well"} and token.dep_ == "advmod" and token.tag_ == "RB":
            return False
    for token in doc:
        if token.lower_ in LINKS and token.i > clause.finite.i:
            return False
        if token.lower_ == "but" and clause.negation:  # "not this but that"
            return False
        # A supplement behind a comma: "did not leave , leaving her alone".
        if token.dep_ in {"advcl", "relcl", "acl"} and token.i > root.i:
            start = token.left_edge.i
            if doc[start - 1].lower_ in {",", "--", "-", "("}:
                return False
    return all(_may_stay(child) for child in root.children)


def _may_stay(child: Token) -> bool:
    """Whether a coordinated clause keeps its sense beside the changed one."""
    if child.dep_ != "conj" or not has_subject(child):
        return True
    joined = [token.lower_ for token in child.head.children if token.dep_ == "cc"]
    last = [token for token in child.subtree if not token.is_punct][-1]
    if child.pos_ not in {"AUX", "VERB"} or last.pos_ == "AUX" or joined not in (["and"], []):
        return False
    return not any(token.lower_ in ELSEWHERE for token in child.subtree)


def _added(clause: Clause) -> list[Change] | None:
    finite, root = clause.finite, clause.root
    changes = _polar_words(clause, TO_NEGATIVE)
    if changes is None or any(token.lower_ in LIMITED for token in finite.doc[finite.i :]):
        return None
    if not clause.needs_do:
        return [_with_not(finite), *changes]
    # Between subject and verb an adverb is before "not" or behind it, each after its kind.
    if clause.subject.right_edge.i + 1 != root.i:
        return None
    coordinated = _bases(clause, root.tag_)
    base = base_form(root.lower_, root.tag_)
    if coordinated is None or base is None:
        return None
    do = {"VBD": "did", "VBZ": "does", "VBP": "do"}[root.tag_]
    end = len(do) + 4 if base == root.lower_ else len(f"{do} not {base}")
    return [Change(root, root, f"{do} not {base}", (0, end)), *coordinated, *changes]


def _with_not(finite: Token) -> Change:
    word = finite.lower_
    if word == "can":
        return Change(finite, finite, finite.text + "not", (0, 6))
    if word in _FULL or word in {"'ve", "’ve", "'d", "’d"}:
        full = _FULL.get(word) or {"V": "have", "M": "would"}.get(finite.tag_[0], "had")
        if word[1:] == "d":
            full = "would" if finite.tag_ == "MD" else "had"
        return Change(finite, finite, f" {full} not", (1, len(full) + 5))
    return Change(finite, finite, f"{finite.text} not", (len(finite) + 1, len(finite) + 4))


def _bases(clause: Clause, tag: str) -> list[Change] | None:
    """Coordinated verbs of the same tense without it: "did not sit and eat"."""
    changes = []
    for verb in clause.verbs:
        base = base_form(verb.lower_, verb.tag_) if verb.tag_ == tag else None
        if base is None or any(child.dep_ in {"aux", "auxpass", "neg"} for child in verb.children):
            return None
        if verb.i and verb.nbor(-1).dep_ not in {"cc", "punct"}:
            return None
        if base != verb.lower_:
            changes.append(Change(verb, verb, base, (0, len(base))))
    return changes


def _removed(clause: Clause) -> list[Change] | None:
    finite, root, negation = clause.finite, clause.root, clause.negation
    assert negation is not None
    changes = _polar_words(clause, TO_POSITIVE)
    every = [token for token in root.doc if token.lower_ in LIMITED]
    if changes is None or len(changes) != len(every):
        return None
    if negation.lower_ == "never":
        if word_behind(negation) in {"", "again", "before", "mind"}:
            return None
        after = negation.nbor(1)
        if after.is_punct:
            return None
        return [Change(negation, after, after.text, (0, len(after))), *changes]
    # "I could not help it", "I could not agree more".
    is_set = root.lower_ in CAN_NOT or any(token.tag_ in {"JJR", "RBR"} for token in clause.own)
    if is_set and finite.lower_ in {"ca", "can", "could"}:
        return None
    if not clause.has_do:
        word = {"ca": "can", "wo": "will", "sha": "shall"}.get(finite.lower_, finite.text)
        return [Change(finite, negation, word, (0, len(word))), *changes]
    tag = {"did": "VBD", "does": "VBZ", "do": "VBP"}[finite.lower_]
    verbs = []
    for verb in (root, *clause.verbs):
        form = (forms(verb.lower_, tag) or ("",))[0] if tag != "VBP" else verb.lower_
        if not form or verb.tag_ not in {"VB", "VBP"} or verb.lower_ in {"lie", "be"}:
            return None
        verbs.append(form)
    if any(child.dep_ == "aux" and child != finite for child in root.children):
        return None
    between = "".join(token.text_with_ws for token in root.doc[negation.i + 1 : root.i])
    text = between + verbs[0]
    run = Change(finite, root, text, (len(between), len(text)))
    others = [
        Change(verb, verb, form, (0, len(form)))
        for verb, form in zip(clause.verbs, verbs[1:], strict=True)
        if form != verb.lower_
    ]
    return [run, *others, *changes]


def _polar_words(clause: Clause, table: dict[str, str]) -> list[Change] | None:
    """ "Any" for "some" behind the verb, or the other way round; None where one stands elsewhere."""
    changes = []
    for token in clause.own:
        word = table.get(token.lower_)
        if word:
            if token.i < clause.finite.i or not token.text.islower():
                return None
            changes.append(Change(token, token, word, (0, len(word))))
    return changes


def _existence(clause: Clause) -> list[Change] | None:
    """ "There is a" > "there is no"; "there are no" > "there are"; with "not" as everywhere."""
    if clause.negation:
        return _removed(clause)
    root = clause.root
    things = [child for child in root.children if child.dep_ in {"attr", "dobj"}]
    if root.lower_ not in BE | {"be", "been"} or len(things) != 1 or clause.verbs:
        return None
    thing = things[0]
    first = thing.left_edge
    if first.i != root.i + 1 or thing.tag_ not in {"NN", "NNS"} or first.tag_ in {"CD", "NNP"}:
        return None
    if any(child.dep_ in {"nummod", "conj", "quantmod", "predet"} for child in thing.children):
        return None
    if not _is_plain(clause, without="no"):
        return None
    if first.lower_ == "no":
        return [Change(root, first, root.text, (0, len(root)))] if thing.tag_ == "NNS" else None
    if (thing.tag_ == "NNS") == (clause.finite.lower_ in {"is", "was", "'s", "’s"}):
        return None
    if first.lower_ in {"a", "an", "some"}:
        return [Change(first, first, "no", (0, 2))]
    if first.tag_ == "DT" or first.lower_ in {"many", "more", "much", "other", "such"}:
        return None
    return [Change(root, root, f"{root.text} no", (len(root) + 1, len(root) + 3))]
