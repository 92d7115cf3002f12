"""The main clause of a parsed sentence: its finite verb, its negation, what its polarity governs.

A sentence whose parse leaves a doubt has none: questions, commands, fragments, inverted order,
a verb that does not agree with its subject.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_prep.english.verb_forms import base_form, forms
from data_prep.english.word_sets import words

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

LONGEST = 40  # tokens: parses of longer sentences are too often wrong

NOT = frozenset({"not", "n't", "n’t"})
BE = words("is are was were am 's 're 'm ’s ’re ’m")
# Their negation is no opposite ("may not"), or another verb's ("need not"), or both are rare.
_MODALS = words("can could will would shall should ca wo sha 'll ’ll 'd ’d")
_AUXILIARIES = BE | _MODALS | words("do does did has have had 've ’ve")

_SUBJECTS = frozenset({"nsubj", "nsubjpass", "expl"})
# Relations that begin a clause of its own: what lies in it is not governed by the main clause.
_CLAUSES = frozenset({"advcl", "relcl", "acl", "ccomp", "csubj", "csubjpass", "pcomp", "parataxis"})
_QUANTIFIERS = words(
    "all any anybody anyone anything both each either enough every everybody everyone everything "
    "few half less little many more most neither no nobody none nothing one only other others "
    "several some somebody someone something such"
)
_SINGULAR = frozenset({"NN", "NNP", "VBG", "CD"})
_PLURAL = frozenset({"NNS", "NNPS", "CD"})
_PRONOUNS = {
    "VBZ": words("he she it this that there one which who"),
    "VBP": words("i you we they these those there"),
}


@dataclass(frozen=True)
class Clause:
    """The main clause of a sentence."""

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
    if len(roots) != 1 or len(doc) > LONGEST or doc.text.isupper() or "?" in doc.text:
        return None
    root = roots[0]
    children = [*root.children]
    subjects = [token for token in children if token.dep_ in _SUBJECTS and token.i < root.i]
    auxiliaries = [token for token in children if token.dep_ in {"aux", "auxpass"}]
    finite = auxiliaries[0] if auxiliaries else root
    if not subjects or finite.i > root.i or finite.tag_ not in {"MD", "VBD", "VBP", "VBZ"}:
        return None
    subject = subjects[-1]
    if (
        subject.right_edge.i >= finite.i
        or not _agree(subject, finite)
        or not _is_sure(finite, root)
    ):
        return None
    for child in children:
        # Speech before its verb, and clauses that are only set side by side.
        if child.dep_ in {"parataxis", "dep", "csubj", "csubjpass", "mark"}:
            return None
        # "What a web we weave", "a fine man , I say".
        if child.dep_ in {"acomp", "attr", "dobj", "oprd"} and child.i < subject.i:
            return None
        # The verb of a question or of a relative clause.
        if child.tag_ in {"WDT", "WP", "WRB"} and child.i < root.i:
            return None
        if child.dep_ == "ccomp" and child.i < root.i:
            return None
    negations = [token for token in children if token.dep_ == "neg"]
    own = tuple(sorted(_own(root), key=lambda token: token.i))
    negation = negations[0] if negations else None
    # "He has .", "he is , too": the rest is in the sentence before.
    behind = (negation or finite).i + 1
    if finite.lower_ in _AUXILIARIES and (behind >= len(doc) or doc[behind].is_punct):
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
    return any(child.dep_ in _SUBJECTS for child in verb.children)


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


def _agree(subject: Token, finite: Token) -> bool:
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


def _is_sure(finite: Token, root: Token) -> bool:
    """Whether the finite verb is one that can be negated, and is certainly finite."""
    word = finite.lower_
    if finite.tag_ == "MD":
        return finite != root and word in _MODALS
    if word in BE:
        return True
    if finite != root:
        return word in _AUXILIARIES
    base = base_form(word, finite.tag_)
    if base is None or base in {"do", "let", "be", "use", "need", "dare"}:
        # "Do" that stands for another verb, "let us", "used to".
        return base == "do" and any(child.dep_ == "dobj" for child in root.children)
    # "A man dressed in black", "the result arrived at by guessing": a participle that a parser takes
    # for a past tense.
    if finite.tag_ != "VBD" or word not in forms(base, "VBN"):
        return True
    behind = [token.lower_ if token.dep_ in {"agent", "prep"} else "" for token in finite.doc]
    first, second = (*behind[finite.i + 1 :], "", "")[:2]
    return not first or not ("by" in {first, second} or _is_bare(root))


def _is_bare(root: Token) -> bool:
    """Whether the subject may be the head of a fragment: it is indefinite."""
    subject = next(child for child in root.children if child.dep_ in _SUBJECTS)
    if subject.pos_ == "PRON" or subject.tag_ in {"NNP", "NNPS"}:
        return False
    first = subject.left_edge.lower_
    return first in {"a", "an"} or subject.left_edge.pos_ in {"NUM", "ADJ", "NOUN"}
