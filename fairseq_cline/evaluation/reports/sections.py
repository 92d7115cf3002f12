"""The content of a report: a section for each kind of evaluation, and the files left out."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from data_prep.errors import InputError
from fairseq_cline.evaluation.reports import page, tables
from fairseq_cline.evaluation.reports.kind import Report, Results
from fairseq_cline.evaluation.reports.kinds import KINDS
from fairseq_cline.evaluation.reports.notes import chosen_notes, cut_notes
from fairseq_cline.evaluation.reports.page import text
from fairseq_cline.evaluation.reports.plots import png
from fairseq_cline.evaluation.reports.result_files import (
    DAMAGED,
    Evaluation,
    evaluations,
    read_folder,
)

INTRODUCTION = """Each row of a table is a trained model. Where models were trained several times,
from different random seeds, a figure is the mean over the seeds ± their standard deviation, and a
dot in a picture is one seed. This spread says nothing about the error that comes from a small test
set. Where there is one seed, ± is that error: the standard error over the examples, of the figures
that it is known for; it says nothing about other seeds. “Against” is the mean difference from
another row, seed by seed; p is the probability that chance alone gives a difference as large
(paired t-test, from three seeds on). With one seed, a small difference may be chance. Files are
seeds of one evaluation when their names differ only in the number behind “seed”."""


def build(folder: Path, title: str, about: str = "") -> tuple[str, dict[str, str]]:
    """The page, and path -> reason of the JSON files that it does not show.

    Args:
        about: a paragraph for the top.

    Raises:
        InputError: no file is shown.
    """
    known, left_out = read_folder(folder)
    entries, sections = [], []
    for name, reports in known.items():
        kind = KINDS[name]
        shown, damaged = _evaluations(evaluations(name, reports))
        left_out |= damaged
        if not shown:
            continue
        anchor = f"section-{len(entries) + 1}"
        links = [(f"{anchor}-{n}", text(name)) for n, name in enumerate(shown, 1)]
        entries.append((anchor, text(kind.title), links))
        parts = [page.heading(2, anchor, text(kind.title)), page.paragraph(text(kind.meaning))]
        for link, content in zip(links, shown.values(), strict=True):
            parts += [page.heading(3, *link), content]
        sections.append("".join(parts))
    if not entries:
        raise InputError(
            f"{folder}: no result of an evaluation in it; give a folder with files that "
            "fairseq_cline.evaluation commands wrote with --json"
        )
    if left_out:
        entries.append(("left-out", "Files that are not shown", []))
        pairs = ((text(path), text(left_out[path])) for path in sorted(left_out))
        sections.append(page.heading(2, *entries[-1][:2]) + page.definitions(pairs))
    top = "".join(page.paragraph(text(words)) for words in filter(None, [about, INTRODUCTION]))
    body = top + page.contents(entries) + "".join(sections)
    return page.page(text(title), body), left_out


def _evaluations(found: Iterable[Evaluation]) -> tuple[dict[str, str], dict[str, str]]:
    """Name -> HTML, and path -> reason of the files that are damaged."""
    shown, damaged = {}, {}
    for evaluation in found:
        try:
            shown[evaluation.name] = "".join(_evaluation(evaluation))
        except DAMAGED as error:
            cause = " ".join(str(error).split())
            reason = f"damaged; make it again ({type(error).__name__}: {cause})"
            damaged |= dict.fromkeys(evaluation.paths, reason)
    return shown, damaged


def _evaluation(evaluation: Evaluation) -> Iterator[str]:
    """HTML of one evaluation: the table, the figures, where they come from."""
    results, name = evaluation.results, text(evaluation.name)
    kind, reports = results.kind, results.reports
    sample = text(kind.sample(reports[0]))
    yield page.paragraph(sample if len(reports) == 1 else f"{sample}; {len(reports)} seeds")
    warnings = [report["warning"] for report in reports if "warning" in report]
    for note in filter(None, [evaluation.note, *dict.fromkeys(warnings)]):
        yield page.paragraph(f"<strong>{text(note)}</strong>")
    yield page.table(*(kind.tabulate or tables.over_seeds)(results), words=kind.words)
    if notes := [*_comparison(results), *_choices(reports), *_cut(reports)]:
        yield page.paragraph("<br>".join(map(text, notes)))
    if kind.draw and (figure := kind.draw(results)):
        yield page.figure(png(figure), f"Figure of {name}")
    for title, draw in kind.folded.items():
        if figure := draw(results):
            picture = page.figure(png(figure), f"{text(title)} of {name}")
            yield page.folded(text(title), picture)
    origins = [
        page.paragraph("<br>".join(map(text, [path, *_chosen(report)])))
        + page.definitions((text(k), text(v)) for k, v in report.get("provenance", {}).items())
        for path, report in zip(evaluation.paths, reports, strict=True)
    ]
    yield page.folded("Where these figures come from", "".join(origins))


def _comparison(results: Results) -> list[str]:
    """Notes what several models are compared by."""
    kind, rows = results.kind, results.reports[0].get("checkpoints", [])
    column = kind.columns and kind.compared(kind.columns(rows[0]))
    if not column or len(rows) == 1:
        return []
    return [
        f"Models are compared by “{column}”: {'higher' if kind.greater_is_better else 'lower'} is better."
    ]


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


def _chosen(report: Report) -> list[str]:
    """Notes which of its checkpoints each model of one file is."""
    rows = [row for row in report.get("checkpoints", []) if row.get("candidates")]
    return chosen_notes(rows, _selected_on(report)) if rows else []


def _selected_on(report: Report) -> str:
    # Only contrast sets have another choice than the validation split.
    return report["split"].get("selected_on", "valid")
