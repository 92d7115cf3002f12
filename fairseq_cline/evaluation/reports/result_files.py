"""The JSON files of results: which are seeds of one evaluation, and all of a folder."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.inputs import read_bounded
from fairseq_cline.evaluation.reports.kind import Report, Results, Values
from fairseq_cline.evaluation.reports.kinds import KINDS
from fairseq_cline.evaluation.reports.report_file import (
    BENCHMARK,
    MOST_BYTES,
    parse_report,
    read_report,
)
from fairseq_cline.evaluation.reports.titles import Title, read_titles, seeds_as_one

# What a file with other content than expected makes the code that reads it raise.
DAMAGED = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)

# What figures were computed on, and how: whatever of this a command writes.
CONDITIONS = ("manifest_sha256", "dictionary_sha256", "files", "sentences", "beam")
CONDITIONS += ("length_penalty", "relative_epsilon")


@dataclass(frozen=True)
class Evaluation:
    """One evaluation, by all its seeds."""

    name: str  # path of the file, with `seed*` for all seeds
    paths: list[str]  # the files, one a seed
    results: Results
    note: str = ""


def read_results(paths: Sequence[str | PathLike[str]]) -> Results:
    """Reads the reports of one evaluation, one a seed.

    Raises:
        InputError: as `together`, or a file is no such report.
    """
    names = [*map(str, paths)]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{name}: given twice; give each seed once")
    return together({name: read_report(name) for name in names})


def together(reports: Mapping[str, Report]) -> Results:
    """The reports of one evaluation, by the paths of their files.

    Raises:
        InputError: they are not of one kind, the same checkpoint names and the same data; or two
            are equal, or of the same checkpoints, and so of one seed.
    """
    compared = []
    (first, report), *_ = reports.items()
    kind = report["kind"]
    columns = KINDS[kind].columns
    if columns is None:
        averaged = ", ".join(name for name, other in KINDS.items() if other.columns)
        raise InputError(
            f"{first}: of the kind '{kind}', which has no mean over seeds; give results of "
            f"{averaged}"
        )
    for path, report in reports.items():
        if report["kind"] != kind:
            raise InputError(f"{path}: of the kind '{report['kind']}', but {first} is of '{kind}'")
        with damage_named(path):
            rows = [(_name(row), _figures(columns(row))) for row in report["checkpoints"]]
            if not rows or any(row[1] != rows[0][1] for row in rows):
                raise ValueError("no checkpoints of the same figures")
            found = (rows, report["split"], [report.get(key) for key in CONDITIONS])
        compared.append(found)
        if found != compared[0]:
            raise InputError(
                f"{path}: other checkpoints or data than in {first}; give seeds of one evaluation"
            )
    _check_distinct(reports)
    return Results(KINDS[kind], [*reports.values()])


def _check_distinct(reports: Mapping[str, Report]) -> None:
    """Raises InputError when one seed would count twice."""
    seen: dict[str, str] = {}
    for path, report in reports.items():
        content = {key: value for key, value in report.items() if key != "provenance"}
        models = [row.get("sha256") for row in report["checkpoints"]]
        for same in (content, models if all(isinstance(one, str) for one in models) else path):
            key = json.dumps(same, sort_keys=True)
            if key in seen:
                what = "the same result as" if same is content else "of the same checkpoints as"
                raise InputError(
                    f"{path}: {what} {seen[key]}, so that one seed would count twice; give each "
                    "seed once"
                )
            seen[key] = path


@contextmanager
def damage_named(path: str | PathLike[str]) -> Iterator[None]:
    """Turns what the content of a damaged file makes its readers raise into InputError."""
    try:
        yield
    except InputError:
        raise
    except DAMAGED as error:
        cause = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(f"{path}: damaged ({cause:.200}); make it again") from error


def _name(row: Report) -> str:
    if not isinstance(row["name"], str):
        raise TypeError("a name that is no text")
    return row["name"]


def _figures(values: Values) -> list[str]:
    """The columns of figures that are numbers."""
    for column, value in values.items():
        for number in value or ():
            is_number = isinstance(number, int | float) and not isinstance(number, bool)
            if number is not None and not (is_number and math.isfinite(number)):
                raise TypeError(f"{column} that is no number")
        if value is not None and value.value is None:
            raise TypeError(f"{column} without a value")
    return [*values]


@dataclass(frozen=True)
class Folder:
    """The results of a folder; paths are seen from it."""

    reports: dict[str, dict[str, Report]]  # kind -> path -> report
    benchmarks: list[str]  # files of run/benchmarks
    titles: dict[str, Title]
    left_out: dict[str, str]  # path -> reason


def read_folder(folder: Path) -> Folder:
    """Reads all JSON files under a folder, and its titles."""
    known: dict[str, dict[str, Report]] = {kind: {} for kind in KINDS}
    titles, left_out = read_titles(folder)
    benchmarks = []
    for file in sorted(folder.rglob("*.json")):
        path = file.relative_to(folder).as_posix()
        try:
            report = parse_report(read_bounded(file, MOST_BYTES), benchmarks=True)
        except InputError as error:
            left_out[path] = str(error).removeprefix(f"{file}: ")
            continue
        if report["kind"] == BENCHMARK:
            benchmarks.append(path)
        else:
            known[report["kind"]][path] = report
    return Folder(known, benchmarks, titles, left_out)


def evaluations(kind: str, reports: Mapping[str, Report]) -> Iterator[Evaluation]:
    """Yields the evaluations of reports of one kind.

    Files are seeds of one evaluation when their paths differ only in the number behind "seed".
    """
    described = KINDS[kind]
    groups: dict[str, list[str]] = {}
    for path in reports:
        name = seeds_as_one(path) if described.columns else path
        groups.setdefault(name, []).append(path)
    for name, paths in groups.items():
        note = ""
        if len(paths) > 1:
            try:
                results = together({path: reports[path] for path in paths})
                yield Evaluation(name, paths, results)
                continue
            except InputError:
                note = f"No mean over {name}: the files are damaged, equal, or of other models or data."
        for path in paths:
            yield Evaluation(path, [path], Results(described, [reports[path]]), note)
