"""The clauses of a parsed sentence: finite verb, negation, what the polarity governs.

A sentence whose parse leaves a doubt has none: questions, commands, fragments, inverted order,
a verb that does not agree with its subject.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_prep.english.finite_verbs import AUXILIARIES, BE, SUBJECTS, agree, is_sure
from data_prep.english.word_sets import words

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

SHORTEST = 4  # tokens of a statement without a mark at its end
LONGEST = 40  # tokens: parses of longer sentences are too often wrong

NOT = frozenset({"not", "n't", "n’t"})
# Relations to the rest of the sentence: coordinated, complement and relative clauses.
_SIDES = frozenset({"ccomp", "conj", "relcl"})
# Relations that begin a clause of its own: what lies in it is not governed by the main clause.
_CLAUSES = frozenset({"advcl", "relcl", "acl", "ccomp", "csubj", "csubjpass", "pcomp", "parataxis"})
_QUANTIFIERS = words(
    "all any anybody anyone anything both each either enough every everybody everyone everything "
    "few half less little many more most neither no nobody none nothing one only other others "
    "several some somebody someone something such"
)


@dataclass(frozen=True)
class Clause:
    """A clause of a sentence."""

    root: Token
    """The main verb, a form of "be" included."""
    finite: Token
    """The verb that "not" follows: the first auxiliary, or the main verb."""
    subject: Token
    negation: Token | None
    """A "not" right behind the finite verb; a "never" somewhere before the main verb."""
    own: tuple[Token, ...]
    """The tokens of the clause without those of other clauses in it, in order."""
    verbs: tuple[Token, ...]
    """Verbs coordinated with the root that share its subject."""

    @property
    def has_do(self) -> bool:
        """Whether the finite verb is the auxiliary "do"."""
        return self.finite != self.root and self.finite.lower_ in {"do", "does", "did"}

    @property
    def needs_do(self) -> bool:
        """Whether "not" cannot follow the finite verb without the auxiliary "do"."""
        return self.finite == self.root and self.root.lower_ not in BE


@dataclass(frozen=True)
class Change:
    """A run of tokens that becomes other words."""

    first: Token
    last: Token
    text: str
    """Begins with a space where the words stand apart from what is before in the chunk."""
    new: tuple[int, int]
    """The characters of ``text`` that are new or changed."""


def find_clause(doc: Doc) -> Clause | None:
    """The main clause, or None where there is none or a doubt."""
    roots = [token for token in doc if token.dep_ == "ROOT"]
    if len(roots) != 1 or not _is_statement(doc):
        return None
    clause = _clause(roots[0])
    if clause is None:
        return None
    # A fragment to which a clause is joined.
    start = clause.subject.left_edge.i
    is_joined = start > 0 and doc[start - 1].dep_ == "cc"
    return None if is_joined and any(token.is_alpha for token in doc[: start - 1]) else clause


def find_side_clauses(doc: Doc) -> Iterator[Clause]:
    """The other clauses with a form of "be" as their verb: "she says it is true", "who is old"."""
    if not _is_statement(doc):
        return
    for verb in doc:
        if verb.dep_ in _SIDES and verb.lower_ in BE and _is_plain_side(verb):
            clause = _clause(verb)
            if clause and (verb.dep_ != "relcl" or clause.subject.tag_ in {"WDT", "WP"}):
                yield clause


def _is_plain_side(verb: Token) -> bool:
    """Whether a clause is no question ("whether it is") and no result ("so bad it is good")."""
    if verb.dep_ == "ccomp":
        before = verb.doc[verb.head.left_edge.i : verb.i]
        return not any(token.lower_ in {"if", "so", "such", "whether"} for token in before)
    return True


def _is_statement(doc: Doc) -> bool:
    # "Merger proposed" is a heading, and its participle only looks finite.
    is_short = len(doc) < SHORTEST and not doc[-1].is_punct
    return len(doc) <= LONGEST and not is_short and not doc.text.isupper() and "?" not in doc.text


def _clause(root: Token) -> Clause | None:
    """The clause of a verb, or None where there is a doubt."""
    children = [*root.children]
    subjects = [token for token in children if token.dep_ in SUBJECTS and token.i < root.i]
    auxiliaries = [token for token in children if token.dep_ in {"aux", "auxpass"}]
    finite = auxiliaries[0] if auxiliaries else root
    if not subjects or finite.i > root.i or finite.tag_ not in {"MD", "VBD", "VBP", "VBZ"}:
        return None
    subject = subjects[-1]
    if subject.right_edge.i >= finite.i or subject.lower_ == "as" or not is_sure(finite, root):
        return None
    if root.dep_ != "relcl" and not agree(subject, finite):
        return None
    if any(_is_in_the_way(child, subject, root) for child in children):
        return None
    own = tuple(sorted(_own(root), key=lambda token: token.i))
    negation = next((token for token in children if token.dep_ == "neg"), None)
    # "He has .", "he is , too": the rest is in the sentence before.
    last = negation or finite
    if finite.lower_ in AUXILIARIES and (not word_behind(last) or last.nbor(1).is_punct):
        return None
    if negation and not _is_governing(negation, finite, root):
        return None
    # A second negation, or one that a parse has put elsewhere ("not all", "not only").
    if any(token.lower_ in NOT or token.lower_ == "never" for token in own if token != negation):
        return None
    verbs = tuple(_sharing(root))
    if any(map(_is_hyphenated, (finite, root, *verbs))):
        return None
    return Clause(root, finite, subject, negation, own, verbs)


def _is_in_the_way(child: Token, subject: Token, root: Token) -> bool:
    """Whether a part of a clause shows that the parse is wrong, or the order another one."""
    if child.dep_ in {"parataxis", "dep", "csubj", "csubjpass"}:
        return True
    if child.dep_ == "mark" and root.dep_ == "ROOT":
        return True
    if child.i > root.i:
        return False
    # "What a web we weave", "a fine man , I say"; the verb of a question or of a relative clause.
    is_front = child.dep_ in {"acomp", "attr", "dobj", "oprd"} and child.i < subject.i
    is_relative = child.tag_ in {"WDT", "WP", "WRB"} and child != subject
    return is_front or is_relative or child.dep_ == "ccomp"


def is_quantified(subject: Token) -> bool:
    """Whether a clause about the subject is not negated by "not" behind its verb ("all men are")."""
    if subject.lower_ in {"other", "others"}:
        return True
    heads = [subject, *(token for token in subject.children if token.dep_ != "relcl")]
    return any(token.lower_ in _QUANTIFIERS for token in heads)


def word_behind(token: Token) -> str:
    """The next token in small letters; "" at the end."""
    return "" if token.i + 1 == len(token.doc) else token.nbor(1).lower_


def _is_governing(negation: Token, finite: Token, root: Token) -> bool:
    if negation.lower_ in NOT:
        return negation.i == finite.i + 1
    return negation.lower_ == "never" and finite.i - 1 <= negation.i <= root.i + 1


def _own(token: Token) -> Iterator[Token]:
    yield token
    for child in token.children:
        if child.dep_ in _CLAUSES or (child.dep_ == "conj" and has_subject(child)):
            continue
        yield from _own(child)


def has_subject(verb: Token) -> bool:
    """Whether a verb has a subject of its own."""
    return any(child.dep_ in SUBJECTS for child in verb.children)


def _sharing(verb: Token) -> Iterator[Token]:
    for child in verb.children:
        if child.dep_ == "conj" and not has_subject(child):
            yield child
            yield from _sharing(child)


def _is_hyphenated(token: Token) -> bool:
    """Whether a token is a part of a compound ("re-read")."""
    before = token.doc[token.i - 1] if token.i else None
    glued_before = before is not None and before.text in "-/" and not before.whitespace_
    return glued_before or (not token.whitespace_ and word_behind(token) in {"-", "/"})
