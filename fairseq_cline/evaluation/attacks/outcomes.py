"""Figures of an attack on classifiers: how often it makes a right answer wrong, and at what cost."""

import math
import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from data_prep.classification.attack_log import SKIPPED, SUCCESS, Attack
from data_prep.classification.examples import Example
from fairseq_cline.evaluation.classifiers.accuracy import count_cut
from fairseq_cline.evaluation.classifiers.classifier import Classifier
from fairseq_cline.evaluation.classifiers.metrics import Score
from fairseq_cline.evaluation.command_line import escaped
from fairseq_cline.evaluation.encoders.similarities import standard_error


@dataclass(frozen=True)
class Figures:
    """An attack on N examples; shares in percent, None: there is nothing to take a share of."""

    accuracy: Score
    under_attack: Score
    success_rate: Score | None  # share of the examples that were right
    words_changed: Score | None  # share of the words of a text, mean of the successes
    queries: float | None  # mean of the examples that were right


@dataclass(frozen=True)
class AttackResult:
    """The figures of an attack on one classifier."""

    name: str
    sha256: str
    attack: Figures
    cut: int  # attacked examples that are longer than the model reads, as they were before


def figures(attacks: Collection[Attack]) -> Figures:
    """The figures of N attacks."""
    right = [attack for attack in attacks if attack.outcome != SKIPPED]
    made = [attack for attack in right if attack.outcome == SUCCESS]
    shares = [100.0 * len(attack.changed) / attack.words for attack in made]
    words_changed = None
    if shares:
        error = statistics.stdev(shares) / math.sqrt(len(shares)) if len(shares) > 1 else 0.0
        words_changed = Score(statistics.fmean(shares), error)
    return Figures(
        accuracy=_share(len(right), len(attacks)),
        under_attack=_share(len(right) - len(made), len(attacks)),
        success_rate=_share(len(made), len(right)) if right else None,
        words_changed=words_changed,
        queries=statistics.fmean(attack.queries for attack in right) if right else None,
    )


def _share(part: int, whole: int) -> Score:
    return Score(100.0 * part / whole, 100.0 * standard_error(part / whole, whole))


def attack_result(
    classifier: Classifier, examples: Sequence[Example], attacks: Mapping[int, Attack]
) -> AttackResult:
    """The figures of the attacks on some of the examples, by their index."""
    return AttackResult(
        name=classifier.name,
        sha256=classifier.sha256,
        attack=figures(attacks.values()),
        cut=count_cut(classifier, [examples[index] for index in attacks]),
    )


def table(results: Sequence[AttackResult]) -> str:
    """Markdown: one row a classifier."""
    header = ["", "accuracy", "under attack", "success rate", "words changed", "queries"]
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    for result in results:
        found = result.attack
        scores = (found.accuracy, found.under_attack, found.success_rate, found.words_changed)
        cells = [f"{s.value:.1f} ± {s.standard_error:.1f}" if s else "-" for s in scores]
        cells.append("-" if found.queries is None else f"{found.queries:.0f}")
        lines.append(f"| {escaped(result.name)} | {' | '.join(cells)} |")
    return "\n".join(lines)
