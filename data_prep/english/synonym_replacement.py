"""A text with WordNet synonyms for a share of its words."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from data_prep.english.quota import Quota
from data_prep.english.synonym_places import find_places
from data_prep.errors import InputError
from data_prep.files.lines import text_lines
from data_prep.files.outputs import check_output
from data_prep.files.progress import Bar
from data_prep.files.whole import whole_file

_EXAMPLES = 8


@dataclass
class Replacements:
    """The words that were replaced in a text."""

    words: int
    """Number of the words of the text."""
    replaced: list[tuple[str, str]]
    """Pairs of a word and its synonym, in the order of the text."""

    def __str__(self) -> str:
        share = len(self.replaced) / max(self.words, 1)
        first = dict.fromkeys(f"{word} -> {synonym}" for word, synonym in self.replaced)
        examples = ", ".join([*first][:_EXAMPLES])
        return f"{len(self.replaced):,} of {self.words:,} words replaced ({share:.1%}): {examples}"


def replace_words(
    lines: Iterable[str], share: float, seed: int, replacements: Replacements
) -> Iterator[str]:
    """Each line with synonyms; the share is met over many lines, as far as they allow.

    Args:
        share: of all words that are replaced.
        seed: of the choice of words and synonyms.
        replacements: counts the words that are replaced.

    Raises:
        ResourceError: WordNet or spaCy's model is not installed.
    """
    quota, rng = Quota(share), random.Random(seed)
    for line in find_places(lines):
        able = [*line.places]
        count = quota.take(line.words, len(able), least=0)
        # Sorted: the order of the draw must not matter.
        words = {
            number: rng.choice(line.places[number].synonyms)
            for number in sorted(rng.sample(able, count))
        }
        replacements.words += line.words
        replacements.replaced += [
            (line.places[number].word, word) for number, word in words.items()
        ]
        yield line.with_words(words)


def write_synonyms(source: Path, destination: Path, *, share: float, seed: int) -> Replacements:
    """Writes a text with synonyms, whole or not at all.

    Args:
        source: an English text, a sentence a line.
        destination: the text to write; each line keeps its number of words.
        share: of all words that are replaced, in (0, 1].
        seed: of the choice of words and synonyms.

    Raises:
        InputError: the text or the share is wrong, or the destination cannot be written.
        ResourceError: WordNet or spaCy's model is not installed.
    """
    if not 0 < share <= 1:
        raise InputError(f"--share {share:g}: must be above 0 and at most 1")
    check_output(destination, [source])
    lines = [*text_lines(source)]
    if not any(lines):
        raise InputError(f"{source}: no text in it; give at least one sentence")
    replacements = Replacements(0, [])
    with whole_file(destination) as temporary, temporary.open("w", encoding="utf-8") as out:
        replaced = replace_words(lines, share, seed, replacements)
        bar = Bar(replaced, f"synonyms for {source.name}", len(lines), unit=" lines")
        out.writelines(f"{line}\n" for line in bar)
    return replacements
