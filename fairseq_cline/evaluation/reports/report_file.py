"""The files of an evaluation: JSON with its kind, its format and where it comes from; its figure."""

from __future__ import annotations

import json
import os
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.whole import write_json
from fairseq_cline.evaluation.reports import plots
from fairseq_cline.evaluation.reports.kind import Report, Results
from fairseq_cline.evaluation.reports.kinds import KINDS
from fairseq_cline.evaluation.reports.provenance import provenance

FORMAT = 1
"""The form of all kinds of reports; raised when an older reader would misunderstand a file."""


BENCHMARK = "benchmark"
"""The kind of the files of run/benchmarks, which no table of evaluations shows."""


def write_report(path: str | os.PathLike[str], kind: str, content: Report) -> None:
    """Writes a report, whole or not at all.

    Args:
        kind: a key of `kinds.KINDS`, usually the name of the command.
        content: what the command found out, as JSON has it.
    """
    report = {"kind": kind, "format": FORMAT, "provenance": provenance(), **content}
    write_json(path, report, indent=2)


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
    plots.write_png(path, figure)


def read_report(path: str | os.PathLike[str], kind: str | None = None) -> Report:
    """Reads a report.

    Args:
        kind: the only kind that is wanted; None: any that `kinds.KINDS` has.

    Raises:
        InputError: the file cannot be read, or is no such report.
    """
    try:
        report = parse_report(Path(path).read_bytes())
        if kind not in (None, report["kind"]):
            raise InputError(f"of the kind '{report['kind']}'; give a result of the kind '{kind}'")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give another") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return report


def parse_report(content: bytes) -> Report:
    """Parses the content of a report's file.

    Raises:
        InputError: it is none; the message does not name the file.
    """
    try:
        parsed = json.loads(content.decode("utf-8"))
        # Half a surrogate pair, which neither a page nor a terminal can show, becomes a ?.
        report = json.loads(json.dumps(parsed, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"no JSON ({error}); make it again") from error
    if not isinstance(report, dict) or not {"kind", "format"} <= report.keys():
        raise InputError(
            "not recognized: no result of an evaluation, which has a kind and a format; make it "
            "again with --json"
        )
    if report["format"] != FORMAT:
        raise InputError(f"of format {report['format']}, wanted {FORMAT}; make it again")
    if report["kind"] not in [*KINDS]:
        raise InputError(
            f"not recognized: of the kind '{report['kind']}', which is no evaluation; give another"
        )
    return report
