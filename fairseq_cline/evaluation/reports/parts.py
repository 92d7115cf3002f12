"""One evaluation on a page: its tables, pictures and notes, and where its figures come from."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from data_prep.files.name_lists import listed
from fairseq_cline.evaluation.reports import page, tables
from fairseq_cline.evaluation.reports.conclusions import Conclusion, conclusions
from fairseq_cline.evaluation.reports.drawing import frame
from fairseq_cline.evaluation.reports.kind import Draw, Report, Results
from fairseq_cline.evaluation.reports.notes import chosen_notes, cut_notes
from fairseq_cline.evaluation.reports.page import text
from fairseq_cline.evaluation.reports.provenance import modified_files
from fairseq_cline.evaluation.reports.result_files import DAMAGED, Evaluation
from fairseq_cline.evaluation.reports.titles import Title, title_of

_DIGITS = 12  # of a SHA-256: enough to tell checkpoints apart


class Part(NamedTuple):
    """One evaluation on the page."""

    title: str
    content: str  # HTML
    conclusions: list[Conclusion]
    limits: list[str]  # sentences about what speaks against the conclusions
    modified: dict[str, str]  # path -> commit of the files whose code differed from it


def parts(
    found: Iterable[Evaluation], titles: Mapping[str, Title]
) -> tuple[list[Part], dict[str, str]]:
    """The evaluations, and path -> reason of the files that are damaged."""
    shown, damaged = [], {}
    for evaluation in found:
        try:
            shown.append(_part(evaluation, titles))
        except DAMAGED as error:
            cause = " ".join(str(error).split())
            reason = f"damaged; make it again ({type(error).__name__}: {cause})"
            damaged |= dict.fromkeys(evaluation.paths, reason)
    return shown, damaged


def _part(evaluation: Evaluation, titles: Mapping[str, Title]) -> Part:
    results, paths = evaluation.results, evaluation.paths
    title, words = title_of(evaluation.name, titles, results.kind.title)
    modified = modified_files(dict(zip(paths, results.reports, strict=True)))
    warnings = [report["warning"] for report in results.reports if "warning" in report]
    limits = [*dict.fromkeys(warnings), *_unfit(results), *_at_chance(evaluation)]
    if modified:
        count = f"{len(modified)} of {len(paths)} files" if len(paths) > 1 else "the file"
        limits.append(f"Made with code that no commit has (modified): {count}.")
    content = "".join(_content(evaluation, words, [*filter(None, [evaluation.note]), *limits]))
    return Part(title, content, conclusions(results), limits, modified)


def _content(evaluation: Evaluation, words: str, limits: list[str]) -> Iterator[str]:
    """HTML of one evaluation: the tables, the pictures, where they come from."""
    results, name = evaluation.results, text(evaluation.name)
    kind, reports = results.kind, results.reports
    if words:
        yield page.paragraph(text(words))
    sample = text(kind.sample(reports[0]))
    seeds = f"; {len(reports)} seeds" if len(reports) > 1 else ""
    yield page.paragraph(f'{sample}{seeds} <span class="from">{name}</span>')
    for limit in limits:
        yield page.paragraph(f"<strong>{text(limit)}</strong>", "note")
    shown = (kind.tabulate or tables.over_seeds)(results)
    yield page.side_by_side(
        page.table(table.heads, table.rows, kind.words, table.caption, tables.NONE)
        for table in shown
    )
    if notes := [*_comparison(results), *_choices(reports), *_cut(reports)]:
        yield page.paragraph("<br>".join(map(text, notes)))
    if kind.draw:
        yield _picture(kind.draw, results, f"Figure of {name}")
    for title, draw in kind.folded.items():
        if picture := _picture(draw, results, f"{text(title)} of {name}"):
            yield page.folded(text(title), picture)
    origins = map(_origin, evaluation.paths, reports)
    yield page.folded("Where these figures come from", "".join(origins))


def _picture(draw: Draw, results: Results, description: str) -> str:
    """A figure, and one with its panels below each other for a narrow page; "" if there is none."""
    figure = draw(results)
    if figure is None:
        return ""
    wide = frame.small_png(figure)
    narrow = frame.small_png(figure) if frame.stacked(figure) else None
    return page.figure(wide, description, narrow)


def _unfit(results: Results) -> list[str]:
    """Sentences that say which models' figures are no results."""
    return [
        f"{name} is compared with nothing: {reason}."
        for name, reason in results.kind.unfit_models(results).items()
    ]


def _at_chance(evaluation: Evaluation) -> list[str]:
    """Sentences that say which models learned nothing, and in which seeds."""
    results, several = evaluation.results, len(evaluation.paths) > 1
    if results.kind.chance is None:
        return []
    found: dict[tuple[str, str], list[str]] = {}  # reason and seed -> models
    for seeds in results.rows():
        for path, row, report in zip(evaluation.paths, seeds, results.reports, strict=True):
            if reason := results.kind.chance(row, report):
                number = re.search(r"seed(\d+)", path)
                seed = f"seed {number[1]}" if number else ""
                found.setdefault((reason, seed), []).append(row["name"])
    return [
        f"Stayed at chance: {', '.join(filter(None, [listed(names), seed]))} ({reason})."
        + " The mean includes it." * several
        for (reason, seed), names in found.items()
    ]


def _comparison(results: Results) -> list[str]:
    """Notes what several models are compared by."""
    kind, rows = results.kind, results.reports[0].get("checkpoints", [])
    column = kind.columns and kind.compared(kind.columns(rows[0]))
    if not column or len(rows) == 1:
        return []
    name = kind.full_names.get(column, column)
    direction = "higher" if kind.greater_is_better else "lower"
    return [f"Models are compared by “{name}”: {direction} is better."]


def _choices(reports: list[Report]) -> list[str]:
    """Notes how many checkpoints each model is the best of, and on what; what seeds share once."""
    lines = (
        f"{row['name']}: best of {len(row['candidates'])} checkpoints on {_selected_on(report)}"
        for report in reports
        for row in report.get("checkpoints", [])
        if row.get("candidates")
    )
    return [*dict.fromkeys(lines)]


def _cut(reports: list[Report]) -> list[str]:
    """Notes which models read only the beginning of some examples; what seeds share once."""
    notes = (
        note
        for report in reports
        for note in cut_notes(
            {row["name"]: row.get("cut", 0) for row in report.get("checkpoints", [])}
        )
    )
    return [*dict.fromkeys(notes)]


def _origin(path: str, report: Report) -> str:
    """HTML that says where the figures of one file come from: its models, command and commit."""
    facts = dict(report.get("provenance", {}))
    recorded = facts.pop("checkpoints", {})
    rows = [row for row in report.get("checkpoints", []) if "sha256" in row]
    lines = [path]
    if candidates := [row for row in report.get("checkpoints", []) if row.get("candidates")]:
        lines += chosen_notes(candidates, _selected_on(report))
    content = page.paragraph("<br>".join(map(text, lines)))
    if rows:
        named = _named_in(str(facts.get("command", "")))
        heads = ["model", "checkpoint", "updates", "SHA-256"]
        models = [_model(row, recorded.get(row["name"], {}), named) for row in rows]
        filled = [n for n in range(len(heads)) if any(cells[n] != tables.NONE for cells in models)]
        shown = [[cells[n] for n in filled] for cells in models]
        content += page.table([heads[n] for n in filled], shown, words=True, none=tables.NONE)
    return content + page.definitions((text(key), text(value)) for key, value in facts.items())


def _model(row: Report, recorded: Mapping[str, Any], named: Mapping[str, str]) -> list[str]:
    """Cells that tell a checkpoint from all others."""
    name = row["name"]
    checkpoint = recorded.get("checkpoint") or named.get(name) or row.get("checkpoint")
    updates = recorded.get("updates")
    return [
        text(name),
        text(checkpoint or tables.NONE),
        tables.NONE if updates is None else f"{int(updates):,}",
        text(str(row["sha256"])[:_DIGITS]),
    ]


def _named_in(command: str) -> dict[str, str]:
    """Model -> checkpoint of a command's NAME=checkpoint, where no two are called alike."""
    try:
        pairs = [word.partition("=")[::2] for word in shlex.split(command)]
    except ValueError:  # no command of a shell
        return {}
    paths = [path for _, path in pairs]
    return {name: path for name, path in pairs if path and paths.count(path) == 1}


def _selected_on(report: Report) -> str:
    # Only contrast sets have another choice than the validation split.
    return report["split"].get("selected_on", "valid")
