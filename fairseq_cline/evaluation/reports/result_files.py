"""The JSON files of a folder: which evaluation each is of, and which are seeds of one."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fairseq_cline.evaluation import seeds
from fairseq_cline.evaluation.reports.kinds import KINDS, Kind

# What a file with other content than expected makes the code that reads it raise.
DAMAGED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True)
class Evaluation:
    """One evaluation, by all its seeds."""

    kind: Kind
    name: str  # path of the file, with `seed*` for all seeds
    reports: dict[str, dict]  # path -> content, one a seed
    note: str = ""


def read(folder: Path) -> tuple[dict[Kind, dict[str, dict]], dict[str, str]]:
    """All JSON files under a folder; paths are seen from it.

    Returns:
        kind -> path -> content, and path -> reason of the files that are not shown.
    """
    known: dict[Kind, dict[str, dict]] = {kind: {} for kind in KINDS}
    left_out = {}
    for file in sorted(folder.rglob("*.json")):
        path = file.relative_to(folder).as_posix()
        try:
            report = _load(file)
        except OSError as error:
            left_out[path] = f"cannot be read ({error.strerror})"
        except (ValueError, RecursionError) as error:
            left_out[path] = f"no JSON ({error})"
        else:
            kind = next((kind for kind in KINDS if kind.knows(report)), None)
            if kind:
                known[kind][path] = report
            else:
                left_out[path] = "not recognized: no result of an evaluation"
    return known, left_out


def _load(file: Path) -> object:
    """The content; half a surrogate pair, which no page and no figure can have, becomes a ?."""
    content = json.loads(file.read_text(encoding="utf-8"))
    return json.loads(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))


def evaluations(folder: Path, kind: Kind, reports: dict[str, dict]) -> Iterator[Evaluation]:
    """Seeds together: files whose paths differ only in the number behind "seed"."""
    together: dict[str, list[str]] = {}
    for path in reports:
        name = re.sub(r"seed\d+", "seed*", path) if kind.averaged else path
        together.setdefault(name, []).append(path)
    together = {n if len(paths) > 1 else paths[0]: paths for n, paths in together.items()}
    for name, paths in together.items():
        if _fit([str(folder / path) for path in paths]):
            yield Evaluation(kind, name, {path: reports[path] for path in paths})
            continue
        note = f"No mean over {name}: the files are damaged, or of other models or data."
        for path in paths:
            yield Evaluation(kind, path, {path: reports[path]}, note)


def _fit(paths: list[str]) -> bool:
    """Whether there is a mean over these files, or only one of them."""
    if len(paths) > 1:
        try:
            seeds.read(paths)
        except DAMAGED:  # what it finds wrong itself is a ValueError too
            return False
    return True
