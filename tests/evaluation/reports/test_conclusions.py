"""The sentences that are drawn from figures, and no more than the figures say."""

import pytest

from fairseq_cline.evaluation.reports.conclusions import Verdict, conclusions
from fairseq_cline.evaluation.reports.kind import Results
from fairseq_cline.evaluation.reports.kinds import KINDS


def classified(errors=None, **models):
    """The results of `classify`, by the accuracy of each seed."""
    seeds = range(len(next(iter(models.values()))))
    reports = [
        {
            "checkpoints": [
                {
                    "name": name,
                    "metrics": {"accuracy": {"value": values[seed], "standard_error": errors}},
                }
                for name, values in models.items()
            ]
        }
        for seed in seeds
    ]
    return Results(KINDS["classify"], reports)


def concluded(results):
    (one,) = conclusions(results)
    return one


def test_a_difference_that_the_seeds_show():
    found = concluded(classified(plain=[70.0, 70.2, 70.1], ours=[72.0, 72.1, 72.2]))
    assert found.verdict == Verdict.DIFFERENCE
    assert found.answer == "accuracy: ours better than plain"
    assert found.figures == "baseline plain (70.1 ± 0.1); ours (+2.0 ± 0.1, p < 0.001)"


def test_a_difference_that_the_seeds_do_not_show():
    found = concluded(classified(plain=[70.0, 72.0, 71.0], ours=[75.0, 71.0, 71.5]))
    assert found.verdict == Verdict.NONE
    assert found.answer == "accuracy: 3 seeds show nothing better than plain"
    assert "the best mean is that of ours (+1.5 ± 3.1, p = 0.49)" in found.figures


def test_the_best_of_many_needs_more_than_one_alone():
    """p of ours is 0.03: shown by itself, not as the best of three."""
    models = {"plain": [70.0, 70.0, 70.0], "ours": [70.9, 71.7, 71.3]}
    others = {"b": [70.1, 69.8, 70.3], "c": [70.2, 69.9, 69.7]}
    alone = concluded(classified(**models))
    of_three = concluded(classified(**models, **others))
    assert alone.verdict == Verdict.DIFFERENCE and "p = 0.03)" in alone.figures
    assert of_three.verdict == Verdict.NONE and "p = 0.09)" in of_three.figures


def test_what_the_best_is_not_told_from_is_named():
    found = concluded(
        classified(plain=[60.0, 60.2, 60.1], a=[80.0, 80.3, 80.2], b=[80.2, 80.2, 80.3])
    )
    assert found.answer == "accuracy: a, b better than plain"
    assert found.figures.endswith("best is b (80.2 ± 0.1), which the seeds do not tell from a")
    clear = concluded(
        classified(plain=[60.0, 60.2, 60.1], a=[70.0, 70.3, 70.2], b=[80.1, 80.1, 80.3])
    )
    assert clear.figures.endswith("best is b (80.2 ± 0.1), better than all")


def test_a_worse_model_is_called_worse():
    found = concluded(classified(plain=[70.0, 70.2, 70.1], ours=[60.0, 60.1, 60.2]))
    assert found.verdict == Verdict.DIFFERENCE
    assert found.answer == "accuracy: 3 seeds show nothing better than plain"
    assert found.figures.endswith("worse: ours (-10.0 ± 0.1, p < 0.001)")


@pytest.mark.parametrize(("seeds", "few"), [(1, "one seed"), (2, "2 seeds")])
def test_too_few_seeds_are_no_conclusion(seeds, few):
    found = concluded(classified(2.5, plain=[70.0, 70.2][:seeds], ours=[80.0, 80.1][:seeds]))
    assert found.verdict == Verdict.OPEN
    assert found.answer == f"accuracy: {few}, no conclusion"
    assert found.figures.startswith("best is ours (80.")
    assert ("± 2.5" in found.figures) == (seeds == 1)


def test_equal_differences_have_no_test():
    found = concluded(classified(plain=[70.0, 71.0, 72.0], ours=[71.0, 72.0, 73.0]))
    assert found.verdict == Verdict.NONE and "no test: the same difference" in found.figures


def test_one_model_is_compared_with_nothing():
    found = concluded(classified(plain=[70.0, 71.0, 72.0]))
    assert found.verdict == Verdict.ALONE
    assert found.answer == "accuracy: nothing to compare" and found.figures == "plain (71.0 ± 1.0)"


def perplexities(leaks):
    """Three seeds of a baseline and of a model with half its perplexity."""
    return Results(
        KINDS["lm_robustness"],
        [
            {
                "checkpoints": [
                    {
                        "name": name,
                        "epsilon": [0.0, 0.3, 1.0],
                        "perplexity": [clean + seed, clean + 1.0, clean + 2.0 + seed / 9],
                        "perplexity_after": [clean, clean, clean + seed],
                        "leaks_future": name == "ours" and leaks,
                    }
                    for name, clean in (("plain", 100.0), ("ours", 50.0 - seed / 7))
                ]
            }
            for seed in (1, 2, 3)
        ],
    )


def test_perplexity_is_better_when_lower_clean_and_under_the_strongest_attack():
    found = conclusions(perplexities(leaks=False))
    titles = ["perplexity", "after, ε = 1", "ε = 1"]
    assert sorted(one.answer for one in found) == sorted(
        f"{title} (lower is better): ours better than plain" for title in titles
    )


def test_a_model_that_sees_the_future_wins_nothing():
    assert {one.verdict for one in conclusions(perplexities(leaks=True))} == {Verdict.ALONE}


def test_a_kind_without_figures_has_no_conclusions():
    assert conclusions(Results(KINDS["neighbours"], [{"checkpoints": []}])) == []
