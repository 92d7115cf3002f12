"""Sentences with others of the same and of the opposite meaning.

Which form a file has is told by its first line: a table of sentence, one that means the same, and
one that means the opposite; JSON lines of a sentence, several others, and the number of the one that
means the same; or a table of a sentence and its negation alone.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.json_lines import read_objects
from data_prep.files.lines import read_lines

_KEYS = {"input": str, "sentences": list, "label": int}
_HEADS = (["sentence", "same", "opposite"], ["sentence", "negated"])
_FORMS = (
    "sentence<TAB>same<TAB>opposite, sentence<TAB>negated, or JSON lines "
    '{"input": TEXT, "sentences": [TEXT, TEXT, ...], "label": number of the same from 0}'
)


@dataclass(frozen=True)
class Choice:
    """A sentence, and others of which one means the same."""

    sentence: str
    others: tuple[str, ...]
    same: int
    """Number of the one that means the same, from 0."""


@dataclass(frozen=True)
class Opposites:
    """The content of a file, which has either choices or negations."""

    choices: list[Choice]
    negations: list[tuple[str, str]]
    """Sentences with their negations."""
    sha256: str

    @property
    def chance(self) -> float:
        """Percentage of the choices that a guess gets right."""
        return 100.0 * sum(1 / len(choice.others) for choice in self.choices) / len(self.choices)


def read_opposites(path: str) -> Opposites:
    """Reads a file of choices or of negations.

    Raises:
        InputError: it has none of the forms, or is damaged; the message has the line.
    """
    place = Path(path)
    with closing(read_lines(place, newline="\n")) as lines:
        first = next(lines, "")
    if not first.strip():
        raise InputError(f"{path}, line 1: empty; give lines of {_FORMS}")
    sha256 = file_sha256(place)
    if first.lstrip().startswith("{"):
        return Opposites([*_choices_of_objects(place)], [], sha256)
    rows = [*_rows(place)]
    if not rows:
        raise InputError(f"{path}: no line below the names of its columns; give lines of {_FORMS}")
    if len(rows[0]) == 3:
        return Opposites([Choice(row[0], tuple(row[1:]), 0) for row in rows], [], sha256)
    return Opposites([], [(row[0], row[1]) for row in rows], sha256)


def _rows(path: Path) -> Iterator[list[str]]:
    """The two or three texts of each line; names of columns are left out."""
    columns = 0
    with closing(read_lines(path, newline="\n")) as lines:
        for number, line in enumerate(lines, 1):
            cells = [" ".join(cell.split()) for cell in line.split("\t")]
            if number == 1:
                columns = len(cells)
                if columns not in (2, 3):
                    raise InputError(f"{path}, line 1: not recognized; give lines of {_FORMS}")
                if [cell.lower() for cell in cells] in _HEADS:
                    continue
            if len(cells) != columns:
                raise InputError(
                    f"{path}, line {number}: {len(cells)} columns, but line 1 has {columns}; correct it"
                )
            if not all(cells):
                raise InputError(f"{path}, line {number}: a text is empty; take the line out")
            yield cells


def _choices_of_objects(path: Path) -> Iterator[Choice]:
    for number, (sentence, others, same) in enumerate(read_objects(path, _KEYS), 1):
        if problem := _problem(sentence, others, same):
            raise InputError(f"{path}, line {number}: {problem}; correct it")
        yield Choice(" ".join(sentence.split()), tuple(" ".join(o.split()) for o in others), same)


def _problem(sentence: str, others: list[Any], same: int) -> str:
    """The reason why an object is no choice; "" if there is none."""
    if len(others) < 2:
        return f"{len(others)} sentences, wanted two or more"
    if not all(isinstance(text, str) and text.strip() for text in (sentence, *others)):
        return "a sentence is empty, or no text"
    if isinstance(same, bool) or not 0 <= same < len(others):
        return f"its label is {same!s:.20}, wanted the number of a sentence, 0 to {len(others) - 1}"
    return ""
