"""Test examples changed so that their label stays: does a classifier stay with its prediction?

Example::

    python -m data_prep.invariance_set test.tsv invariance

    python -m fairseq_cline.evaluation.invariance model.pt --data data-bin --sets invariance

After CheckList (Ribeiro et al., 2020). A file has lines ``label<TAB>text[<TAB>text]``. Each kind
gives ``KIND.tsv``, the changed examples, and ``KIND.original.tsv``, the same ones untouched, line by
line; an example that a kind cannot change is in neither. Runs of white space become one space. The
same example, at the same line, gets the same change with the same seed.

* ``synonym``: a tenth of the words, one at least, become WordNet synonyms, as in
  data_prep.synonym_text.
* ``name``: first names, cities and countries of a list become others of their kind.
* ``number``: a number in figures becomes another one of as many digits: what stands before its
  final zeros grows or shrinks by one, or by up to a fifth; a year another one of its decade. A text
  with a rating ("8 out of 10", "4 stars", "gave it a 3") is left alone.
* ``contraction``: don't becomes do not, it's it is; where there is none, the other way round, in
  the spelling of the file ("don't", "do n't" or "don 't").
* ``punctuation``: the marks at the end go; where there are none, a full stop is added.
* ``typo``: two neighboring letters inside one word change places.

Limits: synonyms are those of the most frequent sense, which may be the wrong one. Names inside
other names ("Chicago Tribune"), facts ("Paris in France") and reasoning about quantity ("2 of the 3
men") are not understood: for a pair of sentences whose label hangs on them, leave out ``name`` and
``number``. Look at a sample before you trust a figure.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from data_prep.classification.examples import Example, read_examples, write_examples
from data_prep.english import invariances
from data_prep.english.invariances import Change, Texts
from data_prep.english.synonym_places import DEFAULT_SHARE, find_places
from data_prep.errors import InputError, ResourceError
from data_prep.files.whole import new_folder

_EXAMPLES = 3

# Kind -> what makes a change for the texts of a file.
CHANGES: dict[str, Callable[[list[str]], Change]] = {
    "name": lambda texts: invariances.swap_names,
    "number": lambda texts: invariances.swap_numbers,
    "contraction": invariances.ContractionChange,
    "punctuation": invariances.FinalPunctuation,
    "typo": invariances.Typo,
}
KINDS = ("synonym", *CHANGES)


def perturbed(examples: list[Example], kind: str, seed: int) -> Iterator[Texts]:
    """Yield the texts of each example after a change; as they were where there is none."""
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


def write_sets(source: Path, destdir: Path, kinds: Sequence[str], seed: int) -> None:
    """Write the pairs of files into a new folder, all or nothing, and print what was changed.

    Raises:
        InputError: the examples are wrong, none can be changed, or ``destdir`` exists.
        ResourceError: WordNet or spaCy's model is not installed.
    """
    examples = read_examples(source)
    if destdir.exists():
        raise InputError(f"{destdir}: exists already; choose another folder or remove it")
    with new_folder(destdir) as folder:
        for kind in kinds:
            bar = tqdm(perturbed(examples, kind, seed), kind, len(examples), unit=" examples")
            changed = [
                (example, Example(example.label, texts))
                for example, texts in zip(examples, bar, strict=True)
                if texts != example.texts
            ]
            print(f"{kind}: {len(changed):,} of {len(examples):,} examples changed")
            if not changed:
                continue
            originals, others = zip(*changed, strict=True)
            write_examples(folder / f"{kind}.original.tsv", originals)
            write_examples(folder / f"{kind}.tsv", others)
            for original, other in changed[:_EXAMPLES]:
                print(f"  {original}\n  {other}\n")
        if not any(folder.iterdir()):
            raise InputError(
                f"{source}: no example that can be changed by {', '.join(kinds)}; try other --kinds"
            )


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="invariance_set",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("source", type=Path, metavar="EXAMPLES", help="lines of label<TAB>text[<TAB>text]")
    add("destdir", type=Path, metavar="OUTDIR", help="the folder to make")
    add("--kinds", nargs="+", choices=KINDS, default=KINDS, help="of changes (default: all)")
    add("--seed", type=int, default=1, help="of the random choices (default: 1)")
    arguments = parser.parse_args(argv)
    try:
        write_sets(arguments.source, arguments.destdir, arguments.kinds, arguments.seed)
    except (InputError, ResourceError, OSError) as error:
        parser.exit(1, f"invariance_set: error: {error}\n")


if __name__ == "__main__":
    main()
