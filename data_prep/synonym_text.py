"""Replace a share of the words of an English text by WordNet synonyms, to test translation.

Example::

    python -m data_prep.synonym_text data-bin/raw/test.en synonyms.en --share 0.1

    python -m fairseq_cline.evaluation.translation_robustness model.pt --data data-bin \\
        --source-text synonyms.en

The words and their synonyms are those of CLINE's data (data_prep.make_triplets): nouns, verbs,
adjectives and adverbs, by spaCy's tags in context; same inflection and letter case. Hypernyms and
other inflections are left out: the reference would no longer be a translation. Each line keeps its
number of words, runs of white space become one space. The same text, share and seed give the same
words.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from data_prep.english.quota import Quota
from data_prep.english.synonym_places import DEFAULT_SHARE, find_places
from data_prep.errors import InputError, ResourceError
from data_prep.files.lines import text_lines

_EXAMPLES = 8


@dataclass
class Summary:
    """What was replaced in a text."""

    words: int
    replaced: list[tuple[str, str]]
    """(word, synonym), in the order of the text."""

    def __str__(self) -> str:
        share = len(self.replaced) / max(self.words, 1)
        first = dict.fromkeys(f"{word} -> {synonym}" for word, synonym in self.replaced)
        examples = ", ".join([*first][:_EXAMPLES])
        return f"{len(self.replaced):,} of {self.words:,} words replaced ({share:.1%}): {examples}"


def replace_words(lines: list[str], share: float, seed: int, summary: Summary) -> Iterator[str]:
    """Yield each line with synonyms; the share is met over many lines, as far as they allow."""
    quota, rng = Quota(share), random.Random(seed)
    for line in find_places(lines):
        able = [*line.places]
        count = quota.take(line.words, len(able), least=0)
        # In the order of the line, whatever the order of the draw.
        words = {
            number: rng.choice(line.places[number].synonyms)
            for number in sorted(rng.sample(able, count))
        }
        summary.words += line.words
        summary.replaced += [(line.places[number].word, word) for number, word in words.items()]
        yield line.with_words(words)


def write_synonyms(source: Path, destination: Path, share: float, seed: int) -> Summary:
    """Write the text with synonyms, all or nothing.

    Raises:
        InputError: the text or the share is wrong.
        ResourceError: WordNet or spaCy's model is not installed.
    """
    if not 0 < share <= 1:
        raise InputError(f"--share {share:g}: must be above 0 and at most 1")
    if not source.is_file():
        raise InputError(f"{source}: no such file; give an English text, a sentence a line")
    lines = list(text_lines(source))
    if not any(lines):
        raise InputError(f"{source}: no text in it; give at least one sentence")
    summary = Summary(0, [])
    temporary = destination.with_name(destination.name + ".tmp")
    try:
        with temporary.open("w", encoding="utf-8") as out:
            replaced = replace_words(lines, share, seed, summary)
            bar = tqdm(replaced, f"synonyms for {source.name}", len(lines), unit=" lines")
            out.writelines(f"{line}\n" for line in bar)
        os.replace(temporary, destination)
    finally:
        temporary.unlink(missing_ok=True)
    return summary


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="synonym_text",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", type=Path, metavar="TEXT", help="English, a sentence a line")
    parser.add_argument("destination", type=Path, metavar="OUTPUT", help="the text to write")
    parser.add_argument(
        "--share",
        type=float,
        default=DEFAULT_SHARE,
        help="of all words that are replaced, in (0, 1]; about a fifth of English words have a "
        f"synonym (default: {DEFAULT_SHARE})",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the choice of words (default: 1)")
    arguments = parser.parse_args(argv)
    try:
        summary = write_synonyms(
            arguments.source, arguments.destination, arguments.share, arguments.seed
        )
    except (InputError, ResourceError, OSError) as error:
        parser.exit(1, f"synonym_text: error: {error}\n")
    print(summary)


if __name__ == "__main__":
    main()
