"""The main clause of a sentence negated, its negation taken away, its predicate adjective turned round.

"He is not thin" says the opposite of "he is thin" and of "he is not fat"; it says the same as "he is
fat". All is done by the parse; a sentence whose parse leaves a doubt is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from data_prep.english.clauses import LONGEST, Change, Clause, find_clause, find_side_clauses
from data_prep.english.exclusive_antonyms import WORDS
from data_prep.english.installed import load_spacy_model
from data_prep.english.polarity import turned
from data_prep.english.predicates import turned_predicate
from data_prep.english.taggers import BATCH

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc


@dataclass(frozen=True)
class Edit:
    """A run of chunks (the text between single spaces) that becomes another text."""

    begin: int
    """Number of the first chunk."""
    end: int
    """Number of the chunk behind the last one."""
    text: str
    """The new text, with its punctuation; may hold spaces; never empty."""
    span: tuple[int, int]
    """The characters of ``text`` that are new or changed; where words only went, the word they left."""


@dataclass(frozen=True)
class Flips:
    """Changes of one clause of a sentence: edits in order, or None where there is no sure one.

    It is the main clause, or else one that is coordinated with it, its complement or relative, if that
    alone has an adjective to turn.
    """

    polarity: tuple[Edit, ...] | None
    """The clause says the opposite: "is" > "is not", "did not go" > "went"."""
    antonym: tuple[Edit, ...] | None
    """The clause says the opposite: "thin" > "fat"."""
    both: tuple[Edit, ...] | None
    """The clause keeps its meaning: "is not thin" > "is fat", "is healthy" > "is not unhealthy"."""


# "Isn't" written apart: "is n't" (Penn Treebank), "isn 't" (TREC), "isn ' t".
_APART = re.compile(
    r"(?:are|ca|could|did|do|does|had|has|have|is|sha|should|was|were|wo|would)n['’]t",
    re.IGNORECASE,
)
_CLITIC = re.compile(r" ['’] (?:s|t|m|re|ll|ve|d)(?: |$)", re.IGNORECASE)
_FINITE_BE = re.compile(
    r"(?:am|is|are|was|were|isn['’]t|aren['’]t|wasn['’]t|weren['’]t|(?:\w+)?['’](?:s|m|re)|isn|aren|"
    r"wasn|weren)"
)
_BETWEEN = frozenset({"not", "n't", "n’t", "'t", "’t", "'", "’", "t"})
_MARKS = ".,;:!?\"'`)("


def load_parser_model() -> Language:
    """spaCy's model with what ``Negation`` needs.

    Raises:
        ResourceError: it is not installed.
    """
    return load_spacy_model(exclude=("ner", "lemmatizer", "senter"))


class Negation:
    """Finds the flips of sentences by spaCy's parse."""

    def __init__(self, nlp: Language) -> None:
        """Keeps the pipeline, that of ``load_parser_model``."""
        self._nlp = nlp

    def __call__(self, sentence: str) -> Flips | None:
        """The flips of a sentence, or None where it has none.

        Args:
            sentence: chunks joined by single spaces.
        """
        return next(self.pipe([sentence]))

    def pipe(self, sentences: Iterable[str]) -> Iterator[Flips | None]:
        """The flips of each sentence, several times as fast as one by one."""
        source = iter(sentences)
        while batch := [_units(sentence) for sentence in islice(source, BATCH)]:
            # A sentence that is too long is not worth a parse.
            texts = (" ".join(t for _, _, t in units) * (len(units) <= LONGEST) for units in batch)
            # The zone frees the words that the pipeline remembers: else they grow with the corpus.
            with self._nlp.memory_zone():
                flips = [*map(_flips, self._nlp.pipe(texts, batch_size=BATCH), batch)]
            yield from flips

    @staticmethod
    def may_flip(chunks: list[str]) -> bool:
        """Whether an adjective with an exclusive antonym follows "be" or "be not"; needs no parse."""
        lower = [chunk.lower().strip(_MARKS) or chunk for chunk in chunks]
        for place, chunk in enumerate(chunks[:-1]):
            if _FINITE_BE.fullmatch(chunk.lower()):
                behind = place + 1
                while behind < len(chunks) - 1 and chunks[behind].lower() in _BETWEEN:
                    behind += 1
                if lower[behind] in WORDS:
                    return True
        return False


Unit = tuple[int, int, str]  # first chunk, chunk behind the last, text


def _units(sentence: str) -> list[Unit]:
    """The chunks of a sentence; a contraction that is written apart becomes one unit."""
    chunks = sentence.split(" ")
    units = []
    place = 0
    while place < len(chunks):
        for count in (4, 3, 2, 1):
            joined = "".join(chunks[place : place + count])
            if count == 1 or (place + count <= len(chunks) and _APART.fullmatch(joined)):
                units.append((place, place + count, joined))
                place += count
                break
    return units


def _flips(doc: Doc, units: list[Unit]) -> Flips | None:
    """The flips of the main clause; of another one if that alone has a predicate to turn."""
    places = _places(doc)
    # Spaces of another kind are tokens of their own.
    if _CLITIC.search(doc.text) or not places or places[-1] != len(units) - 1:
        return None
    clause = find_clause(doc)
    main = _clause_flips(clause, units, places) if clause else None
    if main is None or main.antonym is None:
        for side in find_side_clauses(doc):
            found = _clause_flips(side, units, places)
            if found and found.both:
                return found
    return main


def _clause_flips(clause: Clause, units: list[Unit], places: list[int]) -> Flips | None:
    doc = clause.root.doc
    polar, adjective = turned(clause), turned_predicate(clause)
    # One change of polarity alone: "any" for "some" is right behind "not", not behind "not false".
    is_alone = polar and len(polar) == 1 and adjective and adjective.is_alone
    combined = [*polar, adjective.change] if is_alone and polar and adjective else None
    found = Flips(
        polarity=_edits(polar, doc, units, places),
        antonym=_edits([adjective.change] if adjective else None, doc, units, places),
        both=_edits(combined, doc, units, places),
    )
    return found if found.polarity or found.antonym else None


def _places(doc: Doc) -> list[int]:
    """The number of each token's unit: the spaces before it."""
    places, place = [], 0
    for token in doc:
        places.append(place)
        place += token.whitespace_ == " "
    return places


def _edits(
    changes: list[Change] | None, doc: Doc, units: list[Unit], places: list[int]
) -> tuple[Edit, ...] | None:
    """The changes as runs of chunks; None where two touch the same chunk."""
    if changes is None:
        return None
    edits = []
    for change in sorted(changes, key=lambda change: change.first.i):
        first, last = change.first, change.last
        begin, end = places[first.i], places[last.i]
        before = "".join(t.text for t in doc[: first.i] if places[t.i] == begin)
        after = "".join(t.text for t in doc[last.i + 1 :] if places[t.i] == end)
        text = change.text if before else change.text.lstrip()
        shift = len(before) - (len(change.text) - len(text))
        span_begin, span_end = (place + shift for place in change.new)
        text = before + text + after
        # A mark must not begin inside a word: "it's", of which "not" was taken.
        while span_begin and (text[span_begin - 1].isalnum() or text[span_begin] in "'’"):
            span_begin -= 1
        edits.append(Edit(units[begin][0], units[end][1], text, (span_begin, span_end)))
    if any(a.end > b.begin for a, b in pairwise(edits)):
        return None
    return tuple(edits)
