"""Static distances between classes, from a file of confused pairs (CLLD, section IV-D)."""

import math
from pathlib import Path

import torch
from torch import Tensor

from data_prep.errors import InputError
from data_prep.files.byte_order_marks import UTF_8
from data_prep.files.inputs import unreadable
from data_prep.files.name_lists import listed, shortened


def read_label_distances(path: str, labels: list[str], distance: float) -> Tensor:
    """(K, K) distances of K labels: those of the file, both ways, and 1 elsewhere.

    Args:
        path: a pair a line, `label<TAB>label[<TAB>distance]`.
        labels: names, in the order of the matrix.
        distance: distance of the pairs that give none.

    Raises:
        InputError: the file cannot be read or has no pair, or a line is wrong; it names the line.
    """
    if reason := unreadable(path):
        raise InputError(f"--label-distance-file {path}: cannot be read ({reason}); give another")
    try:
        lines = Path(path).read_text(encoding=UTF_8).splitlines()
    except ValueError as error:
        raise InputError(
            f"--label-distance-file {path}: cannot be read as UTF-8 text ({error}); give another"
        ) from error
    if not lines:
        raise InputError(f"{path}: no pair of labels in it; write label<TAB>label[<TAB>distance]")
    matrix = torch.ones(len(labels), len(labels))
    seen = set()
    for number, line in enumerate(lines, 1):
        place = f"{path}, line {number}"
        first, second, value = _pair(line, place, distance)
        for label in (first, second):
            if label not in labels:
                raise InputError(
                    f"{place}: no label '{shortened(label)}' in the data ({listed(labels)}); "
                    "correct it"
                )
        if first == second or frozenset((first, second)) in seen:
            raise InputError(
                f"{place}: a label with itself, or a pair for the second time; drop it"
            )
        seen.add(frozenset((first, second)))
        i, j = labels.index(first), labels.index(second)
        matrix[i, j] = matrix[j, i] = value
    return matrix


def _pair(line: str, place: str, distance: float) -> tuple[str, str, float]:
    cells = line.split("\t")
    if len(cells) not in (2, 3):
        raise InputError(f"{place}: not label<TAB>label[<TAB>distance]; mend the line")
    try:
        value = float(cells[2]) if len(cells) == 3 else distance
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise InputError(f"{place}: the distance '{cells[2]}' is no number, 0 or more; mend it")
    return cells[0], cells[1], value
