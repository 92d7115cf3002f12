"""What the log of an attack on a classifier amounts to."""

import json
import math
import statistics
from dataclasses import dataclass
from itertools import islice
from typing import Any

from fairseq_cline.evaluation.classifiers.metrics import Score
from fairseq_cline.evaluation.encoders.metrics import standard_error


@dataclass(frozen=True)
class Figures:
    """An attack on N examples; shares in percent, None: of nothing."""

    accuracy: Score
    under_attack: Score
    success_rate: Score | None  # of the examples that were right
    words_changed: Score | None  # of the words of a text, mean of the successes
    queries: float | None  # mean of the examples that were right


def read_log(path: str, limit: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The settings of a log of data_prep.attack, and the first of its attacks."""
    with open(path, encoding="utf-8") as file:
        settings, *attacks = map(json.loads, islice(file, limit + 1))
    return settings, attacks


def figures(attacks: list[dict[str, Any]]) -> Figures:
    """The figures of N attacks, each with `outcome`, `changed`, `words` and `queries`."""
    n = len(attacks)
    right = [attack for attack in attacks if attack["outcome"] != "skipped"]
    made = [attack for attack in right if attack["outcome"] == "success"]
    shares = [100.0 * len(attack["changed"]) / attack["words"] for attack in made]
    words_changed = None
    if shares:
        error = statistics.stdev(shares) / math.sqrt(len(shares)) if len(shares) > 1 else 0.0
        words_changed = Score(statistics.fmean(shares), error)
    return Figures(
        accuracy=_share(len(right), n),
        under_attack=_share(len(right) - len(made), n),
        success_rate=_share(len(made), len(right)) if right else None,
        words_changed=words_changed,
        queries=statistics.fmean(attack["queries"] for attack in right) if right else None,
    )


def _share(part: int, whole: int) -> Score:
    return Score(100.0 * part / whole, 100.0 * standard_error(part / whole, whole))
