"""The content of a report: a section for each kind of evaluation, and the files left out."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from data_prep.errors import InputError
from fairseq_cline.evaluation.classifiers.model_selection import Candidate, describe
from fairseq_cline.evaluation.classify import cut_notes
from fairseq_cline.evaluation.reports import page
from fairseq_cline.evaluation.reports import result_files as report_files
from fairseq_cline.evaluation.reports.figures import png
from fairseq_cline.evaluation.reports.page import text
from fairseq_cline.evaluation.reports.result_files import DAMAGED, Evaluation

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
    known, left_out = report_files.read(folder)
    entries, sections = [], []
    for kind, reports in known.items():
        found = report_files.evaluations(folder, kind, reports)
        shown, damaged = _evaluations(found)
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
            damaged |= dict.fromkeys(evaluation.reports, reason)
    return shown, damaged


def _evaluation(evaluation: Evaluation) -> Iterator[str]:
    """HTML of one evaluation: the table, the figures, where they come from."""
    kind, name, reports = evaluation.kind, text(evaluation.name), [*evaluation.reports.values()]
    sample = text(kind.sample(reports[0]))
    yield page.paragraph(sample if len(reports) == 1 else f"{sample}; {len(reports)} seeds")
    warnings = [report["warning"] for report in reports if "warning" in report]
    for note in filter(None, [evaluation.note, *dict.fromkeys(warnings)]):
        yield page.paragraph(f"<strong>{text(note)}</strong>")
    yield page.table(*kind.tabulate(reports), words=kind.words)
    if notes := [*_choices(reports), *_cut(reports)]:
        yield page.paragraph("<br>".join(map(text, notes)))
    if kind.draw:
        yield page.figure(png(kind.draw, reports), f"Figure of {name}")
    for title, draw in kind.folded(reports[0]).items():
        yield page.folded(text(title), page.figure(png(draw, reports), f"{text(title)} of {name}"))
    origins = [
        page.paragraph("<br>".join(map(text, [path, *_chosen(report)])))
        + page.definitions((text(k), text(v)) for k, v in report.get("provenance", {}).items())
        for path, report in evaluation.reports.items()
    ]
    yield page.folded("Where these figures come from", "".join(origins))


def _choices(reports: list[dict]) -> list[str]:
    """Of how many checkpoints each model is the best, and on what; what seeds share once."""
    lines = (
        f"{name}: best of {len(candidates)} checkpoints on {_selected_on(report)}"
        for report in reports
        for name, candidates in _candidates(report).items()
    )
    return [*dict.fromkeys(lines)]


def _cut(reports: list[dict]) -> list[str]:
    """Which models read only the beginning of some examples; what seeds share once."""
    notes = (
        note
        for report in reports
        for note in cut_notes(
            {row["name"]: row.get("cut", 0) for row in report.get("checkpoints", [])}
        )
    )
    return [*dict.fromkeys(notes)]


def _chosen(report: dict) -> list[str]:
    """Which of its checkpoints each model of one file is."""
    candidates = _candidates(report)
    return describe(candidates, _selected_on(report)).splitlines() if candidates else []


def _candidates(report: dict) -> dict[str, list[Candidate]]:
    """Name -> the checkpoints that there was a choice of."""
    return {
        row["name"]: [Candidate(**candidate) for candidate in row["candidates"]]
        for row in report.get("checkpoints", [])
        if row.get("candidates")
    }


def _selected_on(report: dict) -> str:
    # Only contrast sets have another choice than the validation split.
    return report["split"].get("selected_on", "valid")
