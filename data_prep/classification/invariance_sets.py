"""Examples changed so that their label stays, beside the same ones untouched."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from data_prep.classification.columns import check_columns
from data_prep.classification.examples import Example, read_examples, write_examples
from data_prep.english import invariances
from data_prep.english.invariances import Change, Texts
from data_prep.english.synonym_places import DEFAULT_SHARE, find_places
from data_prep.errors import InputError
from data_prep.files.progress import Bar
from data_prep.files.whole import new_folder

_EXAMPLES = 3

# Kind -> the function that makes its change, given the texts of a file.
CHANGES: dict[str, Callable[[list[str]], Change]] = {
    "name": lambda texts: invariances.swap_names,
    "number": lambda texts: invariances.swap_numbers,
    "contraction": invariances.ContractionChange,
    "punctuation": invariances.FinalPunctuation,
    "typo": invariances.Typo,
}
KINDS = ("synonym", *CHANGES)


@dataclass(frozen=True)
class ChangedSet:
    """The examples that one kind of change can change."""

    kind: str
    examples: int
    """Number of the examples, those without a change included."""
    changed: list[tuple[Example, Example]]
    """Pairs of an example and its changed version."""

    def __str__(self) -> str:
        head = f"{self.kind}: {len(self.changed):,} of {self.examples:,} examples changed"
        shown = [f"  {old}\n  {new}\n" for old, new in self.changed[:_EXAMPLES]]
        return "\n".join([head, *shown])


def change_texts(examples: Sequence[Example], kind: str, seed: int) -> Iterator[Texts]:
    """The texts of each example after a change; as they were where there is none.

    Args:
        kind: one of ``KINDS``.
        seed: of the changes; an example at the same place gets the same one.

    Raises:
        ResourceError: WordNet or spaCy's model is not installed.
    """
    texts = [text for example in examples for text in example.texts]
    rngs = (random.Random(f"{seed} {kind} {number}") for number in range(len(examples)))
    if kind != "synonym":
        change = CHANGES[kind](texts)
        yield from (change(e.texts, rng) for e, rng in zip(examples, rngs, strict=True))
        return
    lines = find_places(texts)
    for example, rng in zip(examples, rngs, strict=True):
        versions = islice(lines, len(example.texts))
        yield tuple(line.some_replaced(DEFAULT_SHARE, rng) for line in versions)


def write_sets(
    source: Path, destdir: Path, *, kinds: Sequence[str] = KINDS, seed: int = 1
) -> list[ChangedSet]:
    """Writes ``KIND.tsv`` and ``KIND.original.tsv`` for each kind into a new folder.

    The lines of the two files belong together. An example that a kind cannot change is in neither;
    a kind that changes none has no files.

    Args:
        source: examples, as ``read_examples`` reads them.
        destdir: the folder to make; it must not exist, or be empty.
        kinds: of changes.
        seed: of the changes.

    Raises:
        InputError: the examples are wrong, none can be changed, or ``destdir`` exists.
        ResourceError: WordNet or spaCy's model is not installed.
    """
    examples = read_examples(source)
    check_columns(examples, source)
    sets = []
    with new_folder(destdir) as folder:
        for kind in kinds:
            bar = Bar(change_texts(examples, kind, seed), kind, len(examples), unit=" examples")
            changed = [
                (example, Example(example.label, texts))
                for example, texts in zip(examples, bar, strict=True)
                if texts != example.texts
            ]
            sets.append(ChangedSet(kind, len(examples), changed))
            if changed:
                originals, others = zip(*changed, strict=True)
                write_examples(folder / f"{kind}.original.tsv", originals)
                write_examples(folder / f"{kind}.tsv", others)
        if not any(folder.iterdir()):
            raise InputError(
                f"{source}: no example that can be changed by {', '.join(kinds)}; try other --kinds"
            )
    return sets
