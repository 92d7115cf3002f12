"""The predicate adjective of a clause, and the antonym that excludes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_prep.english.clauses import Change, Clause, is_quantified, word_behind
from data_prep.english.exclusive_antonyms import STATES, WORDS, exclusive_antonym
from data_prep.english.finite_verbs import BE
from data_prep.english.inflection import lemmas
from data_prep.english.polarity_words import LIMITED
from data_prep.english.word_sets import words

if TYPE_CHECKING:
    from spacy.tokens import Token

_COPULAS = words(
    "be been feel feels felt look looks looked remain remains remained seem seems seemed sound "
    "sounds sounded"
)
_CLAUSES = {"ccomp": "clause", "xcomp": "infinitive"}
# "Not false for all" is not "true for all".
_TOTAL = words("all always both each every")
_TITLES = words("Dr Miss Mr Mrs Ms Prof")
# Tagged as other parts of speech, too.
_ONLY_PREDICATES = frozenset({"alive", "asleep", "awake", "open"})


@dataclass(frozen=True)
class TurnedPredicate:
    """A predicate adjective that becomes its antonym."""

    change: Change
    is_alone: bool
    """Whether a "not" before it governs nothing else."""


def turned_predicate(clause: Clause) -> TurnedPredicate | None:
    """The change of the predicate adjective; None where it has no exclusive antonym."""
    adjective = _adjective(clause)
    if adjective is None or is_quantified(clause.subject):
        return None
    # "Any" and the like go with "hard" and "impossible", not with their opposite.
    if any(token.lower_ in LIMITED for token in clause.root.doc[adjective.i :]):
        return None
    complement = _complement(adjective, clause.root)
    if complement is None:
        return None
    if clause.verbs and word_behind(adjective) in {"and", "or"}:  # "dirty and neglected"
        return None
    antonym = exclusive_antonym(adjective.text, _named(clause.subject), complement)
    if antonym is None:
        return None
    change = Change(adjective, adjective, antonym, (0, len(antonym)))
    is_alone = not clause.verbs and not any(token.lower_ in _TOTAL for token in clause.own)
    return TurnedPredicate(change, is_alone)


def _adjective(clause: Clause) -> Token | None:
    """The adjective right behind the copula or its "not"."""
    root = clause.root
    if clause.negation and clause.negation.lower_ == "never":
        return None
    behind = clause.negation if clause.negation and clause.negation.i > root.i else root
    if root.lower_ in BE | _COPULAS:
        found = [child for child in root.children if child.dep_ in {"acomp", "oprd"}]
        adjective = found[0] if len(found) == 1 else None
        start = behind.i + 1
    else:
        is_state = root.lower_ in STATES and clause.finite.lower_ in BE and not clause.verbs
        plain = {"nsubjpass", "auxpass", "neg", "punct"}
        bare = all(child.dep_ in plain for child in root.children)
        adjective = root if is_state and bare and clause.finite.tag_ != "VBD" else None
        start = (clause.negation or clause.finite).i + 1
    if adjective is None or adjective.i != start or adjective.text not in WORDS:
        return None
    if adjective.text in STATES and clause.finite.lower_ in {"'s", "’s"}:  # "she has married him"
        return None
    tags = {"JJ", "VBN"} if adjective.lower_ not in _ONLY_PREDICATES else {adjective.tag_}
    return adjective if adjective.tag_ in tags else None


def _complement(adjective: Token, root: Token) -> str | None:
    """Kind of what follows the adjective: "", "clause", "infinitive" or a preposition; None if it is graded."""
    if word_behind(adjective) in {"-", "/", "as", "down", "enough", "than", "up"}:
        return None
    if any(token.lower_ in {"degree", "extent"} for token in root.subtree):
        return None
    kinds = []
    for child in adjective.children if adjective != root else ():
        if child.dep_ == "prep" and child.i > adjective.i:
            kinds.append(child.lower_)
        elif child.dep_ in _CLAUSES:
            kinds.append(_CLAUSES[child.dep_])
        elif child.dep_ != "punct":
            return None
    if adjective != root:
        for child in root.children:
            if child.dep_ in _CLAUSES and child.i > adjective.i:
                kinds.append(_CLAUSES[child.dep_])
            elif child.dep_ == "prep" and child.i == adjective.i + 1:
                kinds.append(child.lower_)
    return kinds[0] if len(set(kinds)) == 1 else (None if kinds else "")


def _named(subject: Token) -> str:
    """The subject, a plural noun as its singular, a name behind a title as a pronoun."""
    if subject.tag_ in {"WDT", "WP"}:  # "a girl who is"
        subject = subject.head.head
    if subject.tag_ == "NNS":
        return next(iter(lemmas(subject.text, "NNS")), subject.text)
    is_titled = any(child.text.rstrip(".") in _TITLES for child in subject.children)
    return "he" if is_titled else subject.text
