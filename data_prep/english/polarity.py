"""The polarity of a clause turned round: "is" > "is not", "did not go" > "went"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_prep.english.clauses import Change, Clause, is_quantified, word_behind
from data_prep.english.inflection import forms
from data_prep.english.polarity_words import CAN_NOT, LIMITED, TO_NEGATIVE, TO_POSITIVE
from data_prep.english.quantity import turned_existence, turned_universal
from data_prep.english.scope import is_plain
from data_prep.english.verb_forms import base_form

if TYPE_CHECKING:
    from spacy.tokens import Token

# Full forms of auxiliaries before "n't", and of clitics.
_BEFORE_NOT = {"ca": "can", "wo": "will", "sha": "shall"}
_CLITICS = {"'ll": "will", "'ve": "have"}


def turned(clause: Clause) -> list[Change] | None:
    """The changes that give a clause the other polarity; None where that is not sure."""
    if is_quantified(clause.subject):
        return turned_universal(clause)
    if clause.subject.lower_ == "there" and not clause.negation:
        return turned_existence(clause)
    if not is_plain(clause):
        return None
    return _removed(clause, clause.negation) if clause.negation else _added(clause)


def _added(clause: Clause) -> list[Change] | None:
    """The clause with "not"; "some" behind it becomes "any"."""
    finite, root = clause.finite, clause.root
    others = _polar_words(clause, TO_NEGATIVE)
    if others is None or any(token.lower_ in LIMITED for token in finite.doc[finite.i :]):
        return None
    if not clause.needs_do:
        return [_with_not(finite), *others]
    # Between subject and verb an adverb is before "not" or behind it, each after its kind.
    if clause.subject.right_edge.i + 1 != root.i:
        return None
    verbs = _without_tense(clause)
    base = base_form(root.lower_, root.tag_)
    if verbs is None or base is None:
        return None
    auxiliary = {"VBD": "did", "VBZ": "does", "VBP": "do"}[root.tag_] + " not"
    text = f"{auxiliary} {base}"
    end = len(auxiliary if base == root.lower_ else text)
    return [Change(root, root, text, (0, end)), *verbs, *others]


def _with_not(finite: Token) -> Change:
    word = finite.lower_.replace("’", "'")
    if word == "can":
        return Change(finite, finite, f"{finite.text}not", (0, len("cannot")))
    full = _CLITICS.get(word)
    if word == "'d":
        full = "had" if finite.head.tag_ in {"VBD", "VBN"} else "would"
    if full:
        return Change(finite, finite, f" {full} not", (1, len(full) + 5))
    return Change(finite, finite, f"{finite.text} not", (len(finite) + 1, len(finite) + 4))


def _without_tense(clause: Clause) -> list[Change] | None:
    """The other verbs that share the subject, without the tense of the first: "not sit and eat"."""
    changes = []
    for verb in clause.verbs:
        base = base_form(verb.lower_, verb.tag_) if verb.tag_ == clause.root.tag_ else None
        if base is None or any(child.dep_ in {"aux", "auxpass", "neg"} for child in verb.children):
            return None
        if verb.nbor(-1).dep_ not in {"cc", "punct"}:
            return None
        if base != verb.lower_:
            changes.append(Change(verb, verb, base, (0, len(base))))
    return changes


def _removed(clause: Clause, negation: Token) -> list[Change] | None:
    """The clause without its negation; "any" behind it becomes "some"."""
    finite, doc = clause.finite, clause.root.doc
    others = _polar_words(clause, TO_POSITIVE)
    if others is None or len(others) != sum(token.lower_ in LIMITED for token in doc):
        return None
    if _is_bound(clause, negation):
        return None
    if negation.lower_ == "never":
        after = negation.nbor(1)
        return [Change(negation, after, after.text, (0, len(after))), *others]
    if clause.has_do:
        verbs = _with_tense(clause, negation)
        return verbs and [*verbs, *others]
    word = _BEFORE_NOT.get(finite.lower_, finite.text)
    return [Change(finite, negation, word, (0, len(word))), *others]


def _is_bound(clause: Clause, negation: Token) -> bool:
    """Whether a negation belongs to an expression that has no positive form."""
    behind = word_behind(negation)
    if any(token.lower_ == "at" and word_behind(token) == "all" for token in negation.doc):
        return True
    has_comparative = any(token.tag_ in {"JJR", "RBR"} for token in clause.own)
    if negation.lower_ == "never":  # "it was never better"
        is_set = behind in {"", "again", "before", "mind"} or negation.nbor(1).is_punct
        return is_set or has_comparative
    # "It is not that he lied", "I could not help it", "I could not agree more".
    is_set = has_comparative or clause.root.lower_ in CAN_NOT
    return behind == "that" or (is_set and clause.finite.lower_ in {"ca", "can", "could"})


def _with_tense(clause: Clause, negation: Token) -> list[Change] | None:
    """The verbs in the tense of "do", which goes: "did not sit and eat" > "sat and ate"."""
    root = clause.root
    tag = {"did": "VBD", "does": "VBZ", "do": "VBP"}[clause.finite.lower_]
    verbs = [root, *clause.verbs]
    # "Lie" has two past tenses.
    if any(verb.tag_ not in {"VB", "VBP"} or verb.lower_ in {"be", "lie"} for verb in verbs):
        return None
    if any(child.dep_ == "aux" and child != clause.finite for child in root.children):
        return None
    forms_found = [[verb.lower_] if tag == "VBP" else forms(verb.lower_, tag) for verb in verbs]
    if not all(forms_found):
        return None
    first, *others = (found[0] for found in forms_found)
    between = "".join(token.text_with_ws for token in root.doc[negation.i + 1 : root.i])
    run = Change(clause.finite, root, between + first, (len(between), len(between) + len(first)))
    return [run] + [
        Change(verb, verb, form, (0, len(form)))
        for verb, form in zip(clause.verbs, others, strict=True)
        if form != verb.lower_
    ]


def _polar_words(clause: Clause, table: dict[str, str]) -> list[Change] | None:
    """Changes of "some" and "any" behind the verb; None where one stands elsewhere."""
    changes = []
    for token in clause.own:
        word = table.get(token.lower_)
        if word:
            between = clause.root.doc[clause.finite.i : token.i]
            # "Any better" and "any other" have no "some".
            is_other = token.dep_ == "advmod" or word_behind(token) in {"more", "other"}
            if not between or is_other or any(one.is_punct for one in between):
                return None
            changes.append(Change(token, token, word, (0, len(word))))
    return changes
