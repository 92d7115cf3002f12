"""The content of a report: conclusions, a section for each kind of evaluation, files left out."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from data_prep.errors import InputError
from fairseq_cline.evaluation.reports import page
from fairseq_cline.evaluation.reports.conclusions import RULES, Conclusion, Verdict
from fairseq_cline.evaluation.reports.kind import Kind
from fairseq_cline.evaluation.reports.kinds import KINDS
from fairseq_cline.evaluation.reports.page import text
from fairseq_cline.evaluation.reports.parts import Part, parts
from fairseq_cline.evaluation.reports.result_files import Folder, evaluations, read_folder
from fairseq_cline.evaluation.reports.titles import Title

INTRODUCTION = """Each row of a table is a trained model; the first is the baseline. Where models were
trained several times, from different random seeds, a figure is the mean over the seeds ± their
standard deviation; so are bands and whiskers of pictures, and a dot is one seed. This spread says
nothing about the error that comes from a small test set. Where there is one seed, ± is that error:
the standard error over the examples, of the figures that it is known for; it says nothing about other
seeds. “Against” is the mean difference from another row, seed by seed; p is the probability that
chance alone gives a difference as large (paired t-test, from three seeds on). With one seed, a small
difference may be chance. Files are seeds of one evaluation when their names differ only in the number
behind “seed”. “At chance” is a figure within two standard errors of what a guess gives, or below."""


class Built(NamedTuple):
    """A page, and what its reader should hear besides."""

    content: str
    left_out: dict[str, str]  # path -> reason of the files that are not shown
    benchmarks: list[str]  # files that are no evaluations
    modified: dict[str, str]  # path -> commit of the files whose code differed from it


def build(folder: Path, title: str = "", about: str = "") -> Built:
    """The page of all results in a folder.

    Args:
        title: that of the page; without one, that of the folder.
        about: a paragraph for the top; without one, the words of the folder.

    Raises:
        InputError: no file is shown.
    """
    found = read_folder(folder)
    kinds: dict[str, list[Part]] = {}
    for name, reports in found.reports.items():
        shown, damaged = parts(evaluations(name, reports), found.titles)
        found.left_out.update(damaged)
        if shown:
            kinds[name] = shown
    if not kinds:
        raise InputError(
            f"{folder}: no result of an evaluation in it; give a folder with files that "
            "fairseq_cline.evaluation commands wrote with --json"
        )
    own = found.titles.get(".", Title("Evaluation report"))
    about = about or own.words
    anchors = {name: f"section-{number}" for number, name in enumerate(kinds, 1)}
    body = [page.paragraph(text(about))] if about else []
    body += _conclusions(kinds, anchors)
    body.append(page.folded("How to read tables and pictures", page.paragraph(text(INTRODUCTION))))
    for name, shown in kinds.items():
        body += _section(anchors[name], KINDS[name], shown)
    body += _not_shown(found)
    modified = {
        path: commit
        for shown in kinds.values()
        for part in shown
        for path, commit in part.modified.items()
    }
    content = page.page(text(title or own.title), "".join(body))
    return Built(content, found.left_out, found.benchmarks, modified)


def _conclusions(kinds: dict[str, list[Part]], anchors: dict[str, str]) -> Iterator[str]:
    """The top of the page: how many questions were answered, each answer, the rules."""
    verdicts = Counter(
        one.verdict for shown in kinds.values() for part in shown for one in part.conclusions
    )
    yield page.heading(2, "conclusions", "What the figures say")
    if counts := [
        f"{verdict.value}: {verdicts[verdict]}" for verdict in Verdict if verdicts[verdict]
    ]:
        total = f"Questions to the figures: {sum(verdicts.values())}. "
        yield page.paragraph(text(total + "; ".join(counts).capitalize() + "."))
    for name, shown in kinds.items():
        yield page.paragraph(
            f"<strong>{page.link(anchors[name], text(KINDS[name].title))}</strong>"
        )
        yield page.points(
            "<br>".join(
                [
                    page.link(f"{anchors[name]}-{number}", text(part.title)),
                    *map(_sentence, part.conclusions),
                    *map(text, part.limits),
                ]
            )
            for number, part in enumerate(shown, 1)
        )
    yield page.folded("The rules of these sentences", page.paragraph(text(RULES)))


def _sentence(one: Conclusion) -> str:
    return f"<strong>{text(one.answer)}</strong>; {text(one.figures)}."


def _section(anchor: str, kind: Kind, shown: list[Part]) -> Iterator[str]:
    """The evaluations of one kind."""
    yield page.heading(2, anchor, text(kind.title))
    yield page.paragraph(text(kind.meaning))
    for number, part in enumerate(shown, 1):
        yield page.heading(3, f"{anchor}-{number}", text(part.title))
        yield part.content


def _not_shown(found: Folder) -> Iterator[str]:
    """The files that are no part of the page, and why."""
    if not found.left_out and not found.benchmarks:
        return
    yield page.heading(2, "left-out", "Files that are not shown")
    if found.benchmarks:
        yield page.paragraph(
            "Benchmarks measure time and memory, and are no evaluations: "
            + text(", ".join(found.benchmarks))
        )
    if found.left_out:
        pairs = ((text(path), text(found.left_out[path])) for path in sorted(found.left_out))
        yield page.definitions(pairs)
