"""Conclusions from figures, by rules that a page states: which model is better, and is it sure?"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from data_prep.files.name_lists import listed
from fairseq_cline.evaluation.reports.kind import Question, Results
from fairseq_cline.evaluation.reports.statistics import (
    Difference,
    Summary,
    compare,
    mean_and_spread,
    standard_errors,
    summarize,
)

SURE = 0.05  # a smaller p is a difference
LEAST_SEEDS = 3  # that a t-test needs

RULES = f"""The sentences below are made from the figures by fixed rules. The first row of a table is
the baseline. With {LEAST_SEEDS} seeds or more, a model is called better or worse than it if p of the
paired t-test over the seeds is below {SURE}; where several models are compared with the baseline, p
is multiplied by their number (Bonferroni), since the best of many is sometimes good by chance. A
difference that is not named so is one that these seeds do not show; it may still be there. With fewer
seeds nothing is concluded, and only the figures are given. The test set is one sample: another one
may give other figures."""


class Verdict(Enum):
    """The answer to a question."""

    DIFFERENCE = "models differ by more than the seeds explain"
    NONE = "the seeds show no difference"
    OPEN = "too few seeds for an answer"
    ALONE = "one model, nothing to compare"


class Conclusion(NamedTuple):
    """The answer to one question about an evaluation, in words."""

    answer: str
    figures: str  # that it is drawn from
    verdict: Verdict


def conclusions(results: Results) -> list[Conclusion]:
    """The answers to all questions that the kind of these results asks."""
    if results.kind.columns is None:
        return []
    summary = summarize(results, against=[])
    columns = [*next(iter(summary.values()))]
    return [_Answer(results, summary, one).conclude() for one in results.kind.questions(columns)]


class _Answer:
    """The answer to one question."""

    def __init__(self, results: Results, summary: Summary, question: Question) -> None:
        self.results, self.column, self.seeds = results, question.column, len(results.reports)
        self.decimals = results.kind.decimals
        self.sign = 1.0 if question.greater_is_better else -1.0
        self.errors = standard_errors(results)
        unfit = results.kind.unfit_models(results)
        # A model may lack what is measured.
        self.cells = {
            name: cells[self.column]
            for name, cells in summary.items()
            if cells[self.column].mean is not None and name not in unfit
        }
        self.baseline = next(iter(summary))
        self.best = max(self.cells, key=lambda name: self.sign * self.cells[name].mean, default="")
        self.title = results.kind.full_names.get(question.column, question.column)
        if not question.greater_is_better:
            self.title += " (lower is better)"

    def conclude(self) -> Conclusion:
        if len(self.cells) < 2 or self.baseline not in self.cells:
            figures = ", ".join(map(self._figure, self.cells)) or "not measured"
            return Conclusion(f"{self.title}: nothing to compare", figures, Verdict.ALONE)
        if self.seeds < LEAST_SEEDS:
            few = "one seed" if self.seeds == 1 else f"{self.seeds} seeds"
            answer = f"{self.title}: {few}, no conclusion"
            return Conclusion(answer, self._best_and_baseline(), Verdict.OPEN)
        return self._tested(self._differences(self.baseline))

    def _differences(self, baseline: str) -> dict[str, Difference]:
        """The differences of the other models from one."""
        found = compare(self.results, self.column, baseline)
        return {name: one for name, one in found.items() if name in self.cells}

    def _best_and_baseline(self) -> str:
        baseline = f"baseline {self._figure(self.baseline)}"
        if self.best == self.baseline:
            return f"best is the {baseline}"
        return f"best is {self._figure(self.best)}; {baseline}"

    def _tested(self, found: dict[str, Difference]) -> Conclusion:
        sure = {name: one for name, one in found.items() if self._p(one) < SURE}
        better = {name: one for name, one in sure.items() if self.sign * one.mean > 0}
        worse = {name: one for name, one in sure.items() if name not in better}
        figures = [f"baseline {self._figure(self.baseline)}"]
        if better:
            answer = f"{listed(better)} better than {self.baseline}"
            figures.append(self._listed(better))
        else:
            answer = f"{self.seeds} seeds show nothing better than {self.baseline}"
        figures += self._best_of(found, better)
        if worse:
            figures.append(f"worse: {self._listed(worse)}")
        verdict = Verdict.DIFFERENCE if sure else Verdict.NONE
        return Conclusion(f"{self.title}: {answer}", "; ".join(figures), verdict)

    def _best_of(
        self, found: dict[str, Difference], better: dict[str, Difference]
    ) -> Iterator[str]:
        """The model of the best mean, and what the seeds tell it from."""
        if self.best == self.baseline or [*better] == [*found] == [self.best]:
            return
        if self.best not in better:
            yield f"the best mean is that of {self._change(self.best, found[self.best])}"
            return
        others = self._differences(self.best)
        alike = [name for name, one in others.items() if not self._p(one) < SURE]
        told = f"which the seeds do not tell from {listed(alike)}" if alike else "better than all"
        yield f"best is {self._figure(self.best)}, {told}"

    def _p(self, difference: Difference) -> float:
        """The p, for as many comparisons as there are; 1 where there is no test."""
        if difference.p is None:
            return 1.0
        return min(1.0, difference.p * (len(self.cells) - 1))

    def _figure(self, name: str) -> str:
        """A model and its figure."""
        figure = mean_and_spread(self.cells[name], self.decimals)
        error = self.errors.get(name, {}).get(self.column)
        if error is not None:
            figure += f" ± {error:.{self.decimals}f}"
        return f"{name} ({figure})"

    def _change(self, name: str, difference: Difference) -> str:
        """A model and its difference from the baseline."""
        p = "no test: the same difference in all seeds"
        if difference.p is not None:
            value = self._p(difference)
            p = "p < 0.001" if value < 0.001 else f"p = {value:.2g}"
        return f"{name} ({mean_and_spread(difference, self.decimals)}, {p})"

    def _listed(self, differences: dict[str, Difference]) -> str:
        return ", ".join(self._change(name, one) for name, one in differences.items())
