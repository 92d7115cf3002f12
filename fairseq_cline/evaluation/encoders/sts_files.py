"""Pairs of texts with a score of their similarity, in the forms in which they are published.

Which form a file has is told by its first line: STS-B as CSV (text, text, score), as a table of
GLUE or in its original columns, SICK-R; a folder holds the parts of an STS task of 2012 to 2016.
"""

import csv
import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.lines import read_lines

# Names of the columns: text, text, score.
_NAMED = (
    ("sentence1", "sentence2", "score"),  # GLUE
    ("sentence_A", "sentence_B", "relatedness_score"),  # SICK
)
_ORIGINAL_STS_B = (5, 6, 4)  # genre, file, year, number, score, text, text, perhaps more
_INPUT, _GOLD = "STS.input.", "STS.gs."  # of SentEval's folders
_FORMS = (
    "text, text, score as CSV or with tabs between them; a table with the columns "
    f"{', '.join(_NAMED[0])} or {', '.join(_NAMED[1])}; or a folder with {_INPUT}NAME.txt and "
    f"{_GOLD}NAME.txt"
)


@dataclass(frozen=True)
class ScoredPair:
    """Two texts, and how near their meanings are to people."""

    first: str
    second: str
    score: float


@dataclass(frozen=True)
class ScoredPairs:
    """The pairs of a file or of a folder."""

    pairs: list[ScoredPair]
    parts: dict[str, slice]
    """Name of a part -> its place among the pairs; none of a file."""
    sha256: str


def read_scored_pairs(path: str) -> ScoredPairs:
    """Reads a file or a folder of scored pairs.

    Raises:
        InputError: it has none of the forms, or is damaged; the message has the line.
    """
    place = Path(path)
    if place.is_dir():
        found = _read_folder(place)
    else:
        found = ScoredPairs([*_read_file(place)], {}, file_sha256(place))
    if len({pair.score for pair in found.pairs}) < 2:
        raise InputError(f"{path}: fewer than two different scores in it; give more pairs")
    return found


def _read_file(path: Path) -> Iterator[ScoredPair]:
    """The pairs of one file."""
    places: Sequence[int] | None = None
    for place, cells in _rows(path):
        if places is None:
            places = _places(cells)
            if places is None:
                raise InputError(f"{place}: not recognized; give {_FORMS}")
            if _number(cells[places[2]]) is None:
                continue  # names of columns
        if len(cells) <= max(places):
            raise InputError(
                f"{place}: {len(cells)} columns, wanted {max(places) + 1} or more; correct it"
            )
        yield _pair(place, *(cells[column] for column in places))


def _rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The cells of each line, after its place for messages."""
    with closing(read_lines(path, newline="\n")) as lines:
        first = next(lines, "")
        if "\t" in first:
            yield f"{path}, line 1", _cells(first)
            for number, line in enumerate(lines, 2):
                yield f"{path}, line {number}", _cells(line)
            return
        table = csv.reader(_again(first, lines), strict=True)
        try:
            for cells in table:
                yield f"{path}, line {table.line_num}", cells
        except csv.Error as error:
            raise InputError(
                f"{path}, line {table.line_num}: no CSV ({error}); correct it"
            ) from error


def _again(first: str, others: Iterator[str]) -> Iterator[str]:
    yield first
    yield from others


def _cells(line: str) -> list[str]:
    """Cells between tabs; nothing is quoted."""
    return line.rstrip("\r\n").split("\t")


def _places(cells: list[str]) -> Sequence[int] | None:
    """The columns of text, text and score, told by the first line; None if it is of no form."""
    names = [cell.strip() for cell in cells]
    for columns in _NAMED:
        if {*columns} <= {*names}:
            return [names.index(column) for column in columns]
    for places in ((0, 1, 2), _ORIGINAL_STS_B):
        fits = len(cells) == 3 if places == (0, 1, 2) else len(cells) >= 7
        if fits and _number(cells[places[2]]) is not None:
            return places
    return None


def _pair(place: str, first: str, second: str, score: str) -> ScoredPair:
    """Raises InputError when a text is empty or the score is no number."""
    number, texts = _number(score), [" ".join(text.split()) for text in (first, second)]
    if number is None:
        raise InputError(f"{place}: {score!r:.40} is no score; correct it, or take the line out")
    if not all(texts):
        raise InputError(f"{place}: a text is empty; correct it, or take the line out")
    return ScoredPair(*texts, number)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _read_folder(folder: Path) -> ScoredPairs:
    """The parts of an STS task, as SentEval has them; pairs without a score are left out."""
    inputs = sorted(folder.glob(f"{_INPUT}*.txt"))
    if not inputs:
        raise InputError(f"{folder}: a folder without {_INPUT}NAME.txt; give {_FORMS}")
    pairs: list[ScoredPair] = []
    parts, files = {}, []
    for texts in inputs:
        name = texts.name.removeprefix(_INPUT).removesuffix(".txt")
        scores = folder / f"{_GOLD}{name}.txt"
        begin = len(pairs)
        pairs += _read_part(texts, scores)
        parts[name] = slice(begin, len(pairs))
        files += [texts, scores]
    return ScoredPairs(pairs, parts, file_sha256(*files))


def _read_part(texts: Path, scores: Path) -> Iterator[ScoredPair]:
    lines = [_cells(line) for line in read_lines(texts, newline="\n")]
    golds = [line.strip() for line in read_lines(scores, newline="\n")]
    if len(lines) != len(golds):
        raise InputError(
            f"{scores}: {len(golds):,} lines, but {texts.name} has {len(lines):,}; give a score, or "
            "an empty line, for each pair"
        )
    for number, (cells, gold) in enumerate(zip(lines, golds, strict=True), 1):
        if not gold:
            continue
        if len(cells) < 2:
            raise InputError(
                f"{texts}, line {number}: one text, wanted two with a tab between them; correct it"
            )
        if _number(gold) is None:
            raise InputError(
                f"{scores}, line {number}: {gold!r:.40} is no score; correct it, or leave it empty"
            )
        yield _pair(f"{texts}, line {number}", *cells[:2], gold)
