"""Whether "not" behind the finite verb is the whole difference between a clause and its opposite.

It is not beside "some" or "already", which become other words, where "because" may get inside the
negation, and where a word stands before "not" ("probably not").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_prep.english.clauses import Clause, has_subject, word_behind
from data_prep.english.polarity_words import (
    EITHER_WAY,
    ELSEWHERE,
    FIRST,
    LINKS,
    WITH_NOT,
    WITHOUT_NOT,
)

if TYPE_CHECKING:
    from spacy.tokens import Token


def is_plain(clause: Clause, without: str = "") -> bool:
    """Whether nothing in the sentence gets into the way of a "not"."""
    doc, root = clause.root.doc, clause.root
    own = {token.lower_ for token in clause.own if token.dep_ != "acomp"} - {without}
    if own & EITHER_WAY or own & (WITH_NOT if clause.negation else WITHOUT_NOT):
        return False
    behind = word_behind(clause.negation or clause.finite)
    if behind in FIRST or (behind == "better" and clause.finite != root):  # "had better"
        return False
    if clause.verbs and not any(token.dep_ == "cc" for token in clause.own):
        return False
    for token in clause.own:
        if token.lower_ == "such" and word_behind(token) != "as":
            return False
        is_joining = token.dep_ in {"cc", "preconj"} and token.i > clause.finite.i
        if is_joining and token.lower_ not in {"and", "or", "&"}:
            return False
        # "The more I am".
        if token.tag_ in {"JJR", "RBR"} and token.dep_ == "advmod" and token.i < root.i:
            return False
        if token.lower_ == "well" and token.dep_ == "advmod":
            return False
        if token.lower_ == "little" and token.dep_ in {"advmod", "npadvmod"}:
            return False
    # "So slow that you can", "once he was": the clause is what comes of another, or leads to it.
    start = clause.subject.left_edge.i
    before = [token.lower_ for token in doc[:start]]
    if before[-1:] == ["once"] or "so" in before[1:]:
        return False
    for token in root.subtree:
        if token.lower_ == "never" and token != clause.negation:  # "as never before"
            return False
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
