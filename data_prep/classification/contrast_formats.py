"""Published contrast sets: an example, and what people made of it to move its label.

The labels become those of this project's data-bins of the same task (imdb, boolq, perspectrum and
snli of ``data_prep.classification.datasets``), and the texts have the order that they have there.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from data_prep.classification.datasets.imdb import MARKUP
from data_prep.classification.examples import Example
from data_prep.errors import InputError
from data_prep.files.byte_order_marks import UTF_8
from data_prep.files.json_values import parse_json


@dataclass(frozen=True)
class ContrastSet:
    """An example and others that differ from it by little."""

    original: Example
    contrast: tuple[Example, ...]
    """Examples made of the original; empty: nobody has made any."""


@dataclass(frozen=True)
class Format:
    """A form in which contrast sets are published."""

    files: tuple[str, ...]
    """Content of each of its files, in the order in which they are given."""
    read: Callable[..., Iterator[ContrastSet]]
    """Files -> sets, with the labels of the files."""
    labels: Mapping[str, str]
    """Label in the files -> label in this project's data-bins."""


def read_table(path: Path, columns: Sequence[str], delimiter: str = "\t") -> list[list[str]]:
    """The cells of some columns, row by row; a cell may be quoted as in CSV.

    Raises:
        InputError: a column is missing, or a row is damaged.
    """
    found = []
    try:
        with path.open(encoding=UTF_8, newline="\n") as file:
            rows = filter(None, _rows(file, delimiter))
            header = next(rows, [])
            missing = [column for column in columns if column not in header]
            if missing:
                raise InputError(
                    f"{path}: no column {', '.join(missing)} in its first line; "
                    "check --format and the order of the files"
                )
            places = [header.index(column) for column in columns]
            for number, cells in enumerate(rows, 1):
                found.append([_clean(cells[place]) for place in places if place < len(cells)])
                if len(cells) != len(header) or not all(found[-1]):
                    raise InputError(
                        f"{path}, row {number} below the first line: not {len(header)} columns of "
                        f"which {', '.join(columns)} are filled; fetch the file again"
                    )
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path}: not a table in UTF-8 text ({error}); fetch the file again"
        ) from error
    if not found:
        raise InputError(f"{path}: no row below its first line; fetch the file again")
    return found


def _rows(file: TextIO, delimiter: str) -> Iterator[list[str]]:
    """Rows of cells. Between tabs, a row is a line: an open quotation mark spoils no other row."""
    for lines in [file] if delimiter == "," else ([line] for line in file):
        yield from csv.reader(lines, delimiter=delimiter)


def _clean(text: str) -> str:
    """The text with single spaces, and without the line breaks of reviews, as in ``imdb``."""
    return " ".join(text.replace(MARKUP, " ").split())


def imdb(originals: Path, contrast: Path) -> Iterator[ContrastSet]:
    """Sets of two files: row i of one is the counterpart of row i of the other."""
    tables = [read_table(path, ("Sentiment", "Text")) for path in (originals, contrast)]
    sizes = [*map(len, tables)]
    if sizes[0] != sizes[1]:
        raise InputError(
            f"{contrast}: {sizes[1]:,} rows, but {originals} has {sizes[0]:,}; "
            "give the two files of one split"
        )
    for (label, text), (other_label, other) in zip(*tables, strict=True):
        yield ContrastSet(Example(label, (text,)), (Example(other_label, (other,)),))


def counterfactual(paired: Path) -> Iterator[ContrastSet]:
    """Sets of the rows with one ``batch_id``; the first of them is the original."""
    groups: dict[str, list[Example]] = {}
    for label, text, group in read_table(paired, ("Sentiment", "Text", "batch_id")):
        groups.setdefault(group, []).append(Example(label, (text,)))
    for original, *others in groups.values():
        yield ContrastSet(original, tuple(others))


def snli(originals: Path, revised: Path) -> Iterator[ContrastSet]:
    """Sets of an original and its revised pairs: as many for each, in the same order.

    Two of four have a new premise and two a new hypothesis: the other sentence shows that the
    files belong together.
    """
    columns = ("gold_label", "sentence1", "sentence2")
    tables = [
        [Example(label, tuple(texts)) for label, *texts in read_table(path, columns)]
        for path in (originals, revised)
    ]
    each, rest = divmod(len(tables[1]), len(tables[0]))
    if rest or not each:
        raise InputError(
            f"{revised}: {len(tables[1]):,} rows are no multiple of the {len(tables[0]):,} in "
            f"{originals}; give the two files of one split"
        )
    for number, original in enumerate(tables[0]):
        others = tables[1][each * number : each * (number + 1)]
        if not any(set(original.texts) & set(other.texts) for other in others):
            raise InputError(
                f"{revised}: its pairs {each * number + 1} to {each * (number + 1)} have no "
                f"sentence of pair {number + 1} of {originals}; give the two files of one split"
            )
        yield ContrastSet(original, tuple(others))


def boolq(perturbed: Path) -> Iterator[ContrastSet]:
    """Sets of a question and its perturbed ones.

    An element "Gold Answer" only explains the keys, and is none.
    """
    try:
        entries = parse_json(perturbed.read_bytes())["data"]
        sets = [_questions(entry) for entry in entries if entry["answer"] != "Gold Answer"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{perturbed}: not a JSON object of paragraphs with questions "
            f"({type(error).__name__}: {error}); fetch the file again"
        ) from error
    if not sets:
        raise InputError(f"{perturbed}: no question in it; fetch the file again")
    yield from sets


def _questions(entry: dict[str, Any]) -> ContrastSet:
    def example(question: str, answer: str) -> Example:
        texts = (_clean(question), _clean(entry["paragraph"]))
        if not all(texts):
            raise ValueError("a question or a paragraph is empty")
        return Example(answer.strip(), texts)

    # A question that nobody perturbed has one empty one.
    others = [(q["perturbed_q"], q["answer"]) for q in entry["perturbed_questions"]]
    return ContrastSet(
        example(entry["question"], entry["answer"]),
        tuple(example(*other) for other in others if other[0].strip()),
    )


def perspectrum(pairs: Path) -> Iterator[ContrastSet]:
    """Sets of a perspective on a claim and on the opposite claim.

    Where it has no stance to the claim (``unk``), it is no example of the task. The original
    evaluation takes every other label than ``pos`` for the negative class, and so does this.
    """
    original = ("original_stance_label", "original_claim", "perspective")
    contrast = ("contrast_stance_label", "contrast_claim")
    rows = read_table(pairs, (*original, *contrast), delimiter=",")
    for stance, claim, perspective, other_stance, other_claim in rows:
        if stance != "unk":
            other = Example("pos" if other_stance == "pos" else "neg", (other_claim, perspective))
            yield ContrastSet(Example(stance, (claim, perspective)), (other,))


_SENTIMENT = {"Negative": "neg", "Positive": "pos"}
FORMATS = {
    "imdb": Format(("originals", "contrast examples"), imdb, _SENTIMENT),
    "counterfactual": Format(("reviews with batch_id",), counterfactual, _SENTIMENT),
    "boolq": Format(("questions",), boolq, {"FALSE": "False", "TRUE": "True"}),
    "perspectrum": Format(("pairs of claims",), perspectrum, {"neg": "neg", "pos": "pos"}),
    "snli": Format(
        ("originals", "revised pairs"),
        snli,
        {label: label for label in ("contradiction", "entailment", "neutral")},
    ),
}
