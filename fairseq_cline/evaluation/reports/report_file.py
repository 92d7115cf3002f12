"""The files of an evaluation: JSON with its kind, its format and where it comes from; its figure."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.byte_order_marks import UTF_8
from data_prep.files.inputs import read_bounded
from data_prep.files.json_values import parse_json
from data_prep.files.whole import write_json
from fairseq_cline.evaluation.reports.drawing import frame
from fairseq_cline.evaluation.reports.kind import Report, Results
from fairseq_cline.evaluation.reports.kinds import KINDS
from fairseq_cline.evaluation.reports.provenance import provenance

MOST_BYTES = 1 << 28  # of a report: it is read into memory

FORMAT = 1
"""The form of all kinds of reports; raised when an older reader would misunderstand a file."""


BENCHMARK = "benchmark"
"""The kind of the files of run/benchmarks, which no table of evaluations shows."""


def write_report(
    path: str | os.PathLike[str],
    kind: str,
    content: Report,
    checkpoints: Mapping[str, str] | None = None,
) -> None:
    """Writes a report, whole or not at all.

    Args:
        kind: a key of `kinds.KINDS`, usually the name of the command.
        content: what the command found out, as JSON has it.
        checkpoints: name -> path of the models that were evaluated.

    Raises:
        InputError: a figure is not finite, and so no number of JSON.
    """
    report = {"kind": kind, "format": FORMAT, "provenance": provenance(checkpoints), **content}
    try:
        write_json(path, report, indent=2, allow_nan=False)
    except ValueError as error:
        raise InputError(
            f"{path}: not written, because a figure is not finite; look for nan and inf in the "
            "table, and leave out what gives them"
        ) from error


def write_benchmark(path: Path, content: Report) -> None:
    """Writes the times of a benchmark as a report of that kind; makes the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_report(path, BENCHMARK, content)


def draw_report(path: str | os.PathLike[str], kind: str, content: Report) -> None:
    """Draws the figure of a report as a PNG file, whole or not at all.

    Args:
        kind: a key of `kinds.KINDS` that has a figure.
        content: as for `write_report`.

    Raises:
        InputError: these results have nothing to draw.
    """
    draw = KINDS[kind].plot or KINDS[kind].draw
    figure = draw and draw(Results(KINDS[kind], [content]))
    if figure is None:
        raise InputError(f"{path}: these results have no figure; leave it out")
    frame.set_title(figure, [KINDS[kind].title, KINDS[kind].sample(content)])
    frame.write_png(path, figure)


def read_report(path: str | os.PathLike[str], kind: str | None = None) -> Report:
    """Reads a report.

    Args:
        kind: the only kind that is wanted; None: any that `kinds.KINDS` has.

    Raises:
        InputError: the file cannot be read, or is no such report.
    """
    content = read_bounded(path, MOST_BYTES)
    try:
        report = parse_report(content)
        if kind not in (None, report["kind"]):
            raise InputError(f"of the kind '{report['kind']}'; give a result of the kind '{kind}'")
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return report


def parse_report(content: bytes, benchmarks: bool = False) -> Report:
    """Parses the content of a report's file.

    Args:
        benchmarks: whether it may be one of run/benchmarks.

    Raises:
        InputError: it is none; the message does not name the file.
    """
    try:
        parsed = json.loads(content.decode(UTF_8))
        # Half a surrogate pair, which neither a page nor a terminal can show, becomes a ?.
        report = parse_json(json.dumps(parsed, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"no JSON ({error}); make it again") from error
    if not isinstance(report, dict) or not {"kind", "format"} <= report.keys():
        raise InputError(
            "not recognized: no result of an evaluation, which has a kind and a format; make it "
            "again with --json"
        )
    if report["format"] != FORMAT:
        raise InputError(f"of format {report['format']!s:.40}, wanted {FORMAT}; make it again")
    if report["kind"] not in [*KINDS, *([BENCHMARK] if benchmarks else [])]:
        raise InputError(
            f"not recognized: of the kind '{report['kind']!s:.40}', which is no evaluation; give another"
        )
    return report
