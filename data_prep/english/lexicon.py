"""The corpus lexicon: counts of words with their tags, from a sample that spaCy has tagged.

It serves twice: random words "of the same part of speech drawn from the corpus" come from it, and
the fast tagger learns tags from it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from data_prep.english.context_tags import START, ContextTags
from data_prep.english.substitutes import is_content
from data_prep.errors import InputError
from data_prep.files.lines import read_lines

HELD_OUT_EVERY = 10
_ROW = re.compile(r"(?:([^\t\n]+)|\t([^\t\n]*))\t([^\t\n]+)\t([1-9][0-9]{0,17})\n?")

TaggedSentence = list[tuple[str, str]]


def most_frequent(tags: Counter[str]) -> str:
    """The most frequent tag; among equally frequent ones the first by name."""
    return min(tags, key=lambda tag: (-tags[tag], tag))


@dataclass(frozen=True)
class Agreement:
    """Agreement of the lexicon's tags with spaCy's, on sentences that it has not seen."""

    tokens: int
    """Number of the tokens compared."""
    fine: float
    """Share of tokens with the same Penn tag."""
    content: float
    """Share of tokens with the same verdict: replaceable, with this tag, or not."""


@dataclass
class Lexicon:
    """Counts of (word form, Penn tag), and of tags behind tags."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    following: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Counts of tags by the tag before; "" before the first of a sentence."""

    @classmethod
    def learn(cls, sentences: Iterable[TaggedSentence]) -> tuple[Lexicon, Agreement]:
        """Counts the sentences; first measures the agreement on a tenth of them, held out."""
        seen, held_out = cls(), []
        for number, sentence in enumerate(sentences):
            if number % HELD_OUT_EVERY == HELD_OUT_EVERY - 1:
                held_out.append(sentence)
            else:
                seen._add(sentence)
        agreement = seen.agreement(held_out)
        for sentence in held_out:
            seen._add(sentence)
        return seen, agreement

    def _add(self, sentence: TaggedSentence) -> None:
        before = START
        for form, tag in sentence:
            self.counts[form][tag] += 1
            self.following[before][tag] += 1
            before = tag

    def agreement(self, sentences: Iterable[TaggedSentence]) -> Agreement:
        """The agreement of the lexicon's tags with those of the sentences."""
        model = ContextTags(self.counts, self.following)
        fine = content = tokens = 0
        for sentence in sentences:
            found = model.tags([model.word(form) for form, _ in sentence])
            for (form, tag), mine in zip(sentence, found, strict=True):
                tokens += 1
                fine += mine == tag
                content += (mine == tag) or not (
                    is_content(form.lower(), mine) or is_content(form.lower(), tag)
                )
        return Agreement(tokens, fine / max(tokens, 1), content / max(tokens, 1))

    def save(self, path: Path) -> None:
        """Writes ``<TAB>tag before<TAB>tag<TAB>count`` lines, then ``form<TAB>tag<TAB>count`` ones."""
        rows = [(form, t, n) for form, tags in self.counts.items() for t, n in tags.items()]
        pairs = [("", tag, t, n) for tag, tags in self.following.items() for t, n in tags.items()]
        with path.open("w", encoding="utf-8") as out:
            for row in (*sorted(pairs), *sorted(rows)):
                out.write("\t".join(map(str, row)) + "\n")

    @classmethod
    def load(cls, path: Path) -> Lexicon:
        """The lexicon that ``save`` has written.

        Raises:
            InputError: a line has another form, or there is no word.
        """
        lexicon = cls()
        for number, line in enumerate(read_lines(path, newline="\n"), start=1):
            row = _ROW.fullmatch(line)
            if row is None:
                raise InputError(
                    f"{path}, line {number}: not form<TAB>tag<TAB>count, as make_triplets writes "
                    "it; make the file again"
                )
            form, before, tag, count = row.groups()
            counts = lexicon.following[before] if form is None else lexicon.counts[form]
            counts[tag] = int(count)
        if not lexicon.counts or not lexicon.following:
            raise InputError(f"{path}: holds no words with tags; make the file again")
        return lexicon
