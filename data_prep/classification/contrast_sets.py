"""Contrast sets in one plain form, made of their published formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from data_prep.classification.contrast_formats import FORMATS, ContrastSet
from data_prep.classification.examples import Example, write_examples
from data_prep.errors import InputError
from data_prep.files.name_lists import shortened
from data_prep.files.whole import new_folder


def read_sets(name: str, files: Sequence[Path], renamed: Mapping[str, str]) -> list[ContrastSet]:
    """The sets in the files of a format, with the labels that are wanted.

    Sets without a contrast example are among them.

    Args:
        name: one of ``FORMATS``.
        files: those of the format, in its order.
        renamed: label in the files -> label, where it is not this project's.

    Raises:
        InputError: a file or a label is wrong, or there is nothing to contrast.
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
                f"{' or '.join(map(str, files))}: '{shortened(example.label)}' is none of the labels "
                f"{known}; fetch it again"
            )
        return replace(example, label=labels[example.label])

    sets = [
        ContrastSet(labeled(found.original), tuple(map(labeled, found.contrast)))
        for found in kind.read(*files)
    ]
    if not any(found.contrast for found in sets):
        raise InputError(f"{files[-1]}: no contrast example in it; check --format")
    if all(is_unchanged(found) for found in sets if found.contrast):
        raise InputError(
            f"{files[-1]}: its examples are the originals again; give the contrast examples"
        )
    return sets


def write_sets(sets: Sequence[ContrastSet], destdir: Path) -> None:
    """Writes ``sets.tsv``, ``original.tsv`` and ``contrast.tsv`` into a new folder, all or none.

    Raises:
        InputError: there is something at ``destdir`` already.
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
    """The number of examples of each label, and what is wrong with the sets, for the eye."""
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
            "is right on every example of such a set"
        )
    return "\n".join(lines)
