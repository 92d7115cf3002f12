"""Clauses whose polarity a quantity word carries: "there is no", "not all"."""

from __future__ import annotations

from data_prep.english.clauses import Change, Clause
from data_prep.english.finite_verbs import BE
from data_prep.english.polarity_words import TO_NEGATIVE, TO_POSITIVE
from data_prep.english.scope import is_plain
from data_prep.english.word_sets import words

# Before the thing: "there is no more hope" is no opposite of "there is more hope".
_MEASURES = words("certain countless many more much numerous other such various")
_WHOLE = frozenset({"everybody", "everyone", "everything"})


def turned_existence(clause: Clause) -> list[Change] | None:
    """The changes of a clause without "not": "there is a" > "there is no", "are no" > "are"."""
    root = clause.root
    things = [child for child in root.children if child.dep_ in {"attr", "dobj"}]
    if root.lower_ not in BE | {"be", "been"} or len(things) != 1 or clause.verbs:
        return None
    thing = things[0]
    first = thing.left_edge
    parts = {child.dep_ for child in thing.children}
    if parts & {"nummod", "conj", "quantmod", "predet"} or not is_plain(clause, without="no"):
        return None
    if first.i != root.i + 1 or thing.tag_ not in {"NN", "NNS"} or first.tag_ in {"CD", "NNP"}:
        return None
    if any(child.lower_ in _MEASURES for child in thing.children):
        return None
    if first.lower_ == "no":  # one thing needs an article instead, or none
        return [Change(root, first, root.text, (0, len(root)))] if thing.tag_ == "NNS" else None
    if (thing.tag_ == "NNS") == (clause.finite.lower_ in {"is", "was", "'s", "’s"}):
        return None
    if first.lower_ in {"a", "an", "some"}:
        return [Change(first, first, "no", (0, 2))]
    if first.tag_ in {"DT", "PRP$"}:
        return None
    return [Change(root, root, f"{root.text} no", (len(root) + 1, len(root) + 3))]


def turned_universal(clause: Clause) -> list[Change] | None:
    """The change of a sentence that begins with its subject: "all men are" > "not all men are"."""
    subject = clause.subject
    first = subject.left_edge
    before = [token for token in subject.doc[: first.i] if not token.is_punct]
    if clause.negation or before or clause.verbs or not is_plain(clause):
        return None
    if any(token.lower_ in TO_POSITIVE or token.lower_ in TO_NEGATIVE for token in subject.doc):
        return None
    is_whole = subject.lower_ in _WHOLE and first == subject
    is_each = first.lower_ == "every" and subject.tag_ == "NN"
    is_all = first.lower_ == "all" and first.dep_ in {"det", "predet"} and subject.tag_ == "NNS"
    is_alone = not any(child.dep_ == "conj" for child in subject.children)
    if not (is_alone and (is_whole or is_each or is_all)):
        return None
    text = f"Not {first.lower_}" if first.text[0].isupper() else f"not {first.lower_}"
    return [Change(first, first, text, (0, len(text)))]
