"""CLINE's Tables 4, 5 and 6, of the results of run/cline_tables.sh, over seeds.

The folder has TASK/share-S/seedN with contrast.json of `evaluation.contrast_sets`, and of
`evaluation.adversarial` adversarial.json (--examples) and attack-NAME.json (--attack); S is the
share of the training data, 1 for all of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_prep.errors import InputError
from data_prep.files.text_tables import markdown
from fairseq_cline.evaluation.command_line import escaped
from fairseq_cline.evaluation.reports.columns import CONTRAST_MEASURES
from fairseq_cline.evaluation.reports.kinds import KINDS
from fairseq_cline.evaluation.reports.notes import CHOSEN_ON_CONTRAST
from fairseq_cline.evaluation.reports.provenance import modified_files
from fairseq_cline.evaluation.reports.result_files import damage_named, read_results
from fairseq_cline.evaluation.reports.statistics import Cell, mean_and_spread, summarize

# The paper's tasks in its order; others come behind.
TASKS = ("imdb", "perspectrum", "boolq", "snli", "ag", "mr")
RESULT = re.compile(
    r"(?P<task>[^/]+)/share-(?P<share>1|0?\.\d+)/seed(?P<seed>\d+)/"
    r"(?P<kind>contrast|adversarial|attack-[^/]+)\.json"
)
INTRODUCTION = """\
# CLINE's Tables 4, 5 and 6

Percent: the mean over the seeds ± their standard deviation (n - 1), which says nothing about the
error of a small test set. "-" was not run. "+FreeLB" was fine-tuned with FreeLB, others plainly.
"""


@dataclass(frozen=True)
class Table:
    """A table of the paper."""

    title: str
    kind: str  # kind of the reports that it is made of
    meaning: str  # meaning of the columns
    measures: tuple[str, ...]  # columns of each evaluation


CONTRAST = Table(
    title="Table 4: contrast sets",
    kind="contrast_sets",
    meaning="""\
Ori is the accuracy on original texts; Rev on contrast examples, which differ from them by little
and have another label; Con, consistency, is the share of the sets in which the original and every
contrast example is right.
""",
    measures=tuple(CONTRAST_MEASURES.values()),
)
ADVERSARIAL = Table(
    title="Table 5: adversarial examples",
    kind="adversarial_examples",
    meaning="""\
Accuracy on a file of adversarial examples, the same for all models.
""",
    measures=("accuracy",),
)
ATTACKED = Table(
    title="Table 5, live: under attack by ",
    kind="adversarial",
    meaning="""\
Each model is attacked itself. Accuracy before the attack and under it, on the same texts for all;
the success rate is the share of the right answers that the attack turns into wrong ones.
""",
    measures=("accuracy", "under attack", "success rate"),
)
SHARES = Table(
    title="Table 6: less training data",
    kind="contrast_sets",
    meaning="""\
Table 4's figures of models that were fine-tuned on a share of the training data, drawn once for all
seeds.
""",
    measures=CONTRAST.measures,
)


def _table_of(kind: str) -> Table:
    return {"contrast": CONTRAST, "adversarial": ADVERSARIAL}.get(kind, ATTACKED)


@dataclass(frozen=True)
class Evaluation:
    """One evaluation of several models, over its seeds."""

    task: str
    share: float  # share of the training data, 0 to 1
    kind: str  # contrast, adversarial or attack-NAME
    seeds: list[int]
    split: dict[str, Any]  # the data that it was computed on, as the reports have it
    cut: int  # examples that are longer than a model reads, the most of all models
    selected_on: str | None  # the data that chose among checkpoints; None: no choice
    chosen: dict[str, list[str]]  # name -> checkpoint of each seed
    rows: dict[str, dict[str, Cell]]  # name -> column -> figure
    modified: dict[
        str, str
    ]  # path in the folder -> commit that the code of the result differed from


def result_files(folder: Path) -> Iterator[Path]:
    """The files of a folder that may be such results."""
    return folder.glob("*/share-*/seed*/*.json")


def read_tables(folder: Path) -> list[Evaluation]:
    """Reads the evaluations of a folder, in the order of the tables.

    Raises:
        InputError: there is none; or the seeds of one are not of the same models and data.
    """
    groups: dict[tuple[str, str, str], dict[int, Path]] = {}
    for path in result_files(folder):
        if match := RESULT.fullmatch(path.relative_to(folder).as_posix()):
            group = groups.setdefault(match.group("task", "share", "kind"), {})
            group[int(match["seed"])] = path
    if not groups:
        raise InputError(f"{folder}: no results in it; give the OUT of run/cline_tables.sh")
    found = []
    for key, paths in groups.items():
        with damage_named(min(paths.values())):
            found.append(_evaluation(*key, dict(sorted(paths.items()))))
            _origin(found[-1])  # which reads what the tables do not
    return sorted(found, key=lambda one: (*_place(one.task), one.share, one.kind))


def _place(task: str) -> tuple[int, str]:
    return TASKS.index(task) if task in TASKS else len(TASKS), task


def _evaluation(task: str, share: str, kind: str, paths: dict[int, Path]) -> Evaluation:
    form = _table_of(kind)
    results = read_results([*paths.values()])
    first, *_ = reports = results.reports
    if first["kind"] != form.kind:
        raise InputError(
            f"{next(iter(paths.values()))}: of the kind '{first['kind']}', but the place of "
            f"'{form.kind}'; make it again with run/cline_tables.sh"
        )
    rows = summarize(results, against=[])
    for row in first["checkpoints"]:
        if lacks := {"checkpoint", "candidates"} - row.keys():
            raise InputError(
                f"{next(iter(paths.values()))}: without {', '.join(sorted(lacks))}; "
                "make it again with run/cline_tables.sh"
            )
    chosen = any(row["candidates"] for row in first["checkpoints"])
    return Evaluation(
        task=task,
        share=float(share),
        kind=kind,
        seeds=[*paths],
        split=first["split"],
        cut=max(row.get("cut", 0) for report in reports for row in report["checkpoints"]),
        # Only contrast sets have another choice than the validation split.
        selected_on=first["split"].get("selected_on", "valid") if chosen else None,
        chosen={
            models[0]["name"]: [model["checkpoint"] for model in models]
            for models in results.rows()
        },
        rows=rows,
        modified=modified_files(dict(zip(map(_inside, paths.values()), reports, strict=True))),
    )


def _inside(path: Path) -> str:
    """The path of a result, seen from the folder of all."""
    return "/".join(path.parts[-4:])


def table(found: dict[str, Evaluation], form: Table, names: list[str]) -> str:
    """A row for each model, columns for each evaluation; below, what each was computed on.

    Args:
        found: evaluations by what their columns are called, in Markdown.
        names: the models.
    """
    header = ["", *(f"{label} {measure}" for label in found for measure in form.measures)]
    decimals = KINDS[form.kind].decimals
    rows = []
    for name in names:
        cells = [escaped(name)]
        for one in found.values():
            row = one.rows.get(name)
            cells += [mean_and_spread(row[m], decimals) if row else "-" for m in form.measures]
        rows.append(cells)
    origins = (f"* {label}: {_origin(one)}" for label, one in found.items())
    return "\n".join([markdown(header, rows), "", *origins])


def _origin(one: Evaluation) -> str:
    """The data of an evaluation, its seeds, and how its models were chosen."""
    size = f"{one.split['sets']:,} sets" if "sets" in one.split else ""
    size = size or f"{one.split['examples']:,} examples"
    texts = [size, f"seed{'s' * (len(one.seeds) > 1)} {', '.join(map(str, one.seeds))}"]
    if one.cut:
        texts.append(f"{one.cut:,} examples cut to fit the model")
    if one.selected_on == "contrast":
        texts.append(CHOSEN_ON_CONTRAST)
    elif one.selected_on:
        texts.append("of several learning rates the best on validation data")
    return "; ".join(texts)


def paper_tables(found: list[Evaluation]) -> str:
    """The tables of which something was run, in Markdown."""
    whole = [one for one in found if one.share == 1.0]
    small = [one for one in found if one.share < 1.0 and one.kind == "contrast"]
    attacks = sorted({one.kind for one in whole if one.kind.startswith("attack-")})
    parts = [INTRODUCTION]
    for kind in ("contrast", "adversarial", *attacks):
        if columns := [one for one in whole if one.kind == kind]:
            form = _table_of(kind)
            tasks = {escaped(one.task): one for one in columns}
            parts += [f"## {form.title}{kind.partition('-')[2]}\n", form.meaning]
            parts += [table(tasks, form, _names(columns)) + "\n"]
    if small:
        parts += [f"## {SHARES.title}\n", SHARES.meaning]
    for task in dict.fromkeys(one.task for one in small):
        columns = [one for one in found if (one.task, one.kind) == (task, "contrast")]
        shares = {f"{100 * one.share:g}%": one for one in columns}
        names = _names([one for one in small if one.task == task])
        parts += [f"### {escaped(task)}\n", table(shares, SHARES, names) + "\n"]
    return "\n".join(parts).rstrip()


def _names(found: list[Evaluation]) -> list[str]:
    """The names of the models, each once."""
    return [*dict.fromkeys(name for one in found for name in one.rows)]
