"""Sentences about results that commands print below a table and pages show."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from data_prep.files.name_lists import listed

CHOSEN_ON_CONTRAST = (
    "CHOSEN ON THE CONTRAST EXAMPLES THEMSELVES (--select contrast), as in CLINE's paper: "
    "too good to be compared with figures that are chosen on validation data"
)


def cut_notes(cut: Mapping[str, int]) -> list[str]:
    """Sentences that say which models have not read everything, and by how much.

    Args:
        cut: name -> number of examples that are longer than the model reads.
    """
    return [
        f"{', '.join(name for name in cut if cut[name] == count)}: {count:,} examples cut to fit "
        "the model"
        for count in dict.fromkeys(cut.values())
        if count
    ]


def chosen_notes(rows: Iterable[Mapping[str, Any]], selected_on: str) -> list[str]:
    """Sentences that say which checkpoint each model is, one for each that had a choice.

    Args:
        rows: the checkpoints of a report.
        selected_on: the examples that decided.
    """
    notes = []
    for row in rows:
        if candidates := row.get("candidates"):
            best = max(candidates, key=lambda candidate: candidate["score"])
            notes.append(
                f"{row['name']}: {best['checkpoint']}, of {len(candidates)} the best on "
                f"{selected_on} ({best['score']:.1f}%)"
            )
    return notes


def modified_note(modified: Mapping[str, str]) -> str:
    """A sentence that says which results come from code that no commit has; "" of none.

    Args:
        modified: path -> commit of the results whose code differed from it.
    """
    if not modified:
        return ""
    found = listed((f"{path} ({commit})" for path, commit in modified.items()), are_paths=True)
    return f"made with modified code, which no commit has; make again: {found}"


def label_distance_origin(kind: str, updates: int, validations: int) -> str:
    """How label distances came about; what was not learned must not be taken for a result.

    Args:
        kind: --label-distance of the training: adaptive, static or none.
        updates: steps of Algorithm 1 that the training went on with.
        validations: their number until the checkpoint was saved.
    """
    if kind != "adaptive":
        return f"--label-distance {kind}: nothing was learned"
    if updates:
        return f"{updates} update(s) of Algorithm 1 in {validations} validation(s)"
    return (
        "this checkpoint was chosen before the first update of Algorithm 1, after "
        f"{validations} validation(s): its training saw no distance but 1"
    )


def farthest_pairs(
    matrix: Sequence[Sequence[float]], labels: Sequence[str], top: int
) -> list[tuple[float, str, str]]:
    """The pairs of labels further apart than 1, the largest distance first.

    Args:
        matrix: (K, K) label distances; that of a pair is the mean of both directions.
        labels: names of the K classes.

    Returns:
        (distance, label, label), at most ``top`` times.
    """
    pairs = [
        ((matrix[i][j] + matrix[j][i]) / 2, labels[i], labels[j])
        for i, j in itertools.combinations(range(len(labels)), 2)
    ]
    # Sorting keeps the order of the labels where distances are equal.
    pairs.sort(key=lambda pair: pair[0], reverse=True)
    return [pair for pair in pairs[:top] if pair[0] > 1]
