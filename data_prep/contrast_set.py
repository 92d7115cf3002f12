"""Contrast sets in their published formats to one plain format, for any classifier.

Examples::

    python -m data_prep.contrast_set test_original.tsv test_contrast.tsv --format imdb \\
        --destdir sets/imdb

    python -m fairseq_cline.evaluation.contrast_sets model.pt --data data-bin/imdb \\
        --sets sets/imdb/sets.tsv

The formats and their files:

* ``imdb``: IMDb of Gardner et al. (2020), {test,dev}_original.tsv and {test,dev}_contrast.tsv
* ``boolq``: theirs too, boolq_perturbed.json
* ``perspectrum``: theirs too, perspectrum_minimal_pairs.csv or perspectrum_contrast_sets.csv
* ``counterfactual``: IMDb of Kaushik et al. (2020), one of {train,dev,test}_paired.tsv
* ``snli``: SNLI of Kaushik et al. (2020), an original and a revised_combined file

Gives ``sets.tsv``, lines ``set<TAB>original|contrast<TAB>label<TAB>text[<TAB>text]``, and the same
examples as ``original.tsv`` and ``contrast.tsv``, ``label<TAB>text[<TAB>text]``: of the training
split, the data of an experiment that trains on originals alone, or on both.

Labels become those of data_prep.text_classification (neg and pos, True and False); for data with
other names, ``--labels Positive=1 Negative=0``. A set without a contrast example is left out.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from data_prep.classification.contrast_formats import FORMATS, ContrastSet
from data_prep.classification.examples import Example, write_examples
from data_prep.errors import InputError
from data_prep.files.whole import new_folder


def read_sets(name: str, files: Sequence[Path], renamed: Mapping[str, str]) -> list[ContrastSet]:
    """The sets of a format, those without a contrast example too, with the labels wanted.

    Args:
        renamed: label in the files -> label, where it is not the project's.

    Raises:
        InputError: a file or a label is wrong.
    """
    kind = FORMATS[name]
    if len(files) != len(kind.files):
        raise InputError(
            f"--format {name}: {len(files)} files, but it has {len(kind.files)} "
            f"({', '.join(kind.files)}); give them in this order"
        )
    for path in files:
        if not path.is_file():
            raise InputError(f"{path}: no such file; check the path")
    known = ", ".join(kind.labels)
    for label in renamed:
        if label not in kind.labels:
            raise InputError(f"--labels {label}={renamed[label]}: --format {name} has {known}")
    labels = {**kind.labels, **renamed}

    def labeled(example: Example) -> Example:
        if example.label not in labels:
            raise InputError(
                f"{' or '.join(map(str, files))}: '{example.label}' is none of the labels {known}; "
                "fetch it again"
            )
        return replace(example, label=labels[example.label])

    return [
        ContrastSet(labeled(found.original), tuple(map(labeled, found.contrast)))
        for found in kind.read(*files)
    ]


def write_sets(sets: Sequence[ContrastSet], destdir: Path) -> None:
    """Write the three files into a new folder, all or nothing.

    Raises:
        InputError: ``destdir`` exists.
    """
    originals = [found.original for found in sets]
    contrast = [example for found in sets for example in found.contrast]
    with new_folder(destdir) as folder:
        with (folder / "sets.tsv").open("w", encoding="utf-8") as out:
            for number, found in enumerate(sets, 1):
                out.write(f"{number}\toriginal\t{found.original}\n")
                out.writelines(f"{number}\tcontrast\t{example}\n" for example in found.contrast)
        write_examples(folder / "original.tsv", originals)
        write_examples(folder / "contrast.tsv", contrast)


def is_unchanged(found: ContrastSet) -> bool:
    """Whether the contrast examples are the original."""
    return {*found.contrast} == {found.original}


def is_contradictory(found: ContrastSet) -> bool:
    """Whether a contrast example is the original but for its label."""
    texts, label = found.original.texts, found.original.label
    return any(example.texts == texts and example.label != label for example in found.contrast)


def describe(sets: Sequence[ContrastSet]) -> str:
    """How many examples there are of each label, and what is wrong with them, for the eye."""
    originals = Counter(found.original.label for found in sets)
    contrast = Counter(example.label for found in sets for example in found.contrast)
    lines = [f"{len(sets):,} sets"]
    for name, counts in (("originals", originals), ("contrast examples", contrast)):
        classes = ", ".join(f"{label} {counts[label]:,}" for label in sorted(counts))
        lines.append(f"{counts.total():,} {name}: {classes}")
    contradictory = sum(map(is_contradictory, sets))
    if contradictory:
        lines.append(
            f"{contradictory:,} sets have the original's text again with another label: no model "
            "is right on all of such a set"
        )
    return "\n".join(lines)


def _renaming(text: str) -> tuple[str, str]:
    old, separator, new = text.partition("=")
    if not (old and separator and new) or new != " ".join(new.split()):
        raise argparse.ArgumentTypeError(f"'{text}' is not OLD=NEW, as Positive=1")
    return old, new


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="contrast_set",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("files", nargs="+", type=Path, metavar="FILE", help="one or two, as the format has")
    add("--format", required=True, choices=[*FORMATS], help="in which the sets are published")
    add("--destdir", type=Path, required=True, help="the folder to make; it must not exist yet")
    add(
        "--labels",
        nargs="+",
        type=_renaming,
        default=[],
        metavar="OLD=NEW",
        help="a label of the files and its name in your training data (default: that of "
        "data_prep.text_classification)",
    )
    arguments = parser.parse_args(argv)
    try:
        found = read_sets(arguments.format, arguments.files, dict(arguments.labels))
        sets = [one for one in found if one.contrast]
        if not sets:
            raise InputError(f"{arguments.files[-1]}: no contrast example in it; check --format")
        if all(map(is_unchanged, sets)):
            raise InputError(
                f"{arguments.files[-1]}: its examples are the originals again; give the contrast "
                "examples"
            )
        write_sets(sets, arguments.destdir)
    except (InputError, OSError) as error:
        parser.exit(1, f"contrast_set: error: {error}\n")
    print(describe(sets))
    if len(sets) < len(found):
        print(f"{len(found) - len(sets):,} originals without a contrast example left out")


if __name__ == "__main__":
    main()
