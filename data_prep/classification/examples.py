"""Text with labels, for classification: ``label<TAB>text[<TAB>second text]``, an example a line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from data_prep.classification.columns import check_columns, is_number
from data_prep.errors import InputError
from data_prep.files.byte_order_marks import MARK_CHARACTER
from data_prep.files.lines import read_lines
from data_prep.files.name_lists import listed, shortened
from data_prep.files.whole import whole_file

FORM = "label<TAB>text[<TAB>second text]"


@dataclass(frozen=True)
class Example:
    """A text, or a pair of texts, with its label."""

    label: str
    """The name of a class; in a regression, a number."""
    texts: tuple[str, ...]

    def __str__(self) -> str:
        return "\t".join((self.label, *self.texts))


@dataclass(frozen=True)
class LabeledText:
    """Examples, and where they come from, for messages."""

    source: Path
    """A file, or a folder of files."""
    examples: list[Example]
    unit: str = "example"
    """The word for what has a number in the source: its lines, or its examples alone."""

    def place(self, number: int) -> str:
        """The name of an example; numbers begin with 1."""
        return f"{self.source}, {self.unit} {number}"


def read_labeled_text(path: str | os.PathLike[str]) -> LabeledText:
    """The examples of a file, one a line.

    Raises:
        InputError: as ``read_examples``.
    """
    return LabeledText(Path(path), read_examples(path), unit="line")


def read_examples(path: str | os.PathLike[str]) -> list[Example]:
    """The examples of a file, runs of white space made one space.

    Raises:
        InputError: there is no such file or no example in it, a line has no label or no text, a
            label has a byte order mark, or some lines have one text and others two.
    """
    if not os.path.isfile(path):
        raise InputError(f"{path}: no such file; give lines of {FORM}")
    examples: list[Example] = []
    for number, line in enumerate(read_lines(path, newline="\n"), 1):
        label, *texts = (" ".join(field.split()) for field in line.split("\t"))
        if not label or not all(texts) or len(texts) not in (1, 2):
            raise InputError(f"{path}, line {number}: not {FORM}; correct it")
        if MARK_CHARACTER in label:
            raise InputError(
                f"{path}, line {number}: a byte order mark, which does not show, is in the label; "
                "remove it, as where files were joined"
            )
        examples.append(Example(label, tuple(texts)))
        if len(texts) != len(examples[0].texts):
            raise InputError(
                f"{path}, line {number}: {len(texts)} text(s), but line 1 has "
                f"{len(examples[0].texts)}; give each line as many"
            )
    if not examples:
        raise InputError(f"{path}: no example in it; give lines of {FORM}")
    return examples


def check_examples(
    text: LabeledText,
    *,
    texts: int,
    labels: Sequence[str],
    source: str | os.PathLike[str],
) -> None:
    """Checks that examples fit those that a classifier learns from.

    Args:
        texts: the number of texts that an example has, 1 or 2.
        labels: the classes; none: the labels are numbers.
        source: what ``texts`` and ``labels`` are known from, for messages.

    Raises:
        InputError: an example does not fit; the message names it, or what is wrong with the columns.
    """
    for number, example in enumerate(text.examples, 1):
        place = text.place(number)
        if len(example.texts) != texts:
            raise InputError(
                f"{place}: {len(example.texts)} text(s), but the examples of {source} have "
                f"{texts}; give files of one task"
            )
        if example.label in labels or (not labels and is_number(example.label)):
            continue
        check_columns(text.examples, text.source)
        if labels:
            raise InputError(
                f"{place}: the label '{shortened(example.label)}' is not one of those of {source} "
                f"({listed(labels)}); correct it, leave the line out, or give files of one task"
            )
        raise InputError(
            f"{place}: '{shortened(example.label)}' is not a number, as the labels of a regression "
            "are; correct it or leave the line out"
        )


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Writes a file of examples, whole or not at all."""
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8") as out:
        out.writelines(f"{example}\n" for example in examples)
