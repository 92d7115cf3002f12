"""Figures of an attack: by hand, and where there is nothing to measure."""

import pytest

from data_prep.classification.attack_log import Attack
from fairseq_cline.evaluation.attacks.outcomes import AttackResult, figures, table
from fairseq_cline.evaluation.classifiers.metrics import Score


def attack(outcome: str, changed: int, words: int, queries: int) -> Attack:
    return Attack(outcome, "text", [("a", "b")] * changed, words, queries)


ATTACKS = [
    attack("success", 1, 10, 20),
    attack("failed", 3, 10, 40),
    attack("skipped", 0, 10, 1),
    attack("success", 3, 10, 30),
    attack("failed", 0, 10, 10),
]


def test_by_hand():
    found = figures(ATTACKS)
    assert found.accuracy == Score(80.0, pytest.approx(100 * (0.8 * 0.2 / 5) ** 0.5))
    assert found.under_attack == Score(40.0, pytest.approx(100 * (0.4 * 0.6 / 5) ** 0.5))
    assert found.success_rate == Score(50.0, pytest.approx(25.0))
    # 10% and 30%: spread 14.1, error of the mean of two 10.
    assert found.words_changed == Score(pytest.approx(20.0), pytest.approx(10.0))
    assert found.queries == 25.0  # of the four that were right


def test_without_an_example_there_is_no_figure():
    found = figures([attack("skipped", 0, 5, 1)])
    assert (found.accuracy.value, found.under_attack.value) == (0.0, 0.0)
    assert found.success_rate is found.words_changed is found.queries is None
    found = figures([attack("failed", 1, 5, 7)])
    assert (found.under_attack.value, found.success_rate.value) == (100.0, 0.0)
    assert found.words_changed is None and found.queries == 7.0
    assert figures([attack("success", 1, 5, 7)]).words_changed == Score(20.0, 0.0)


def test_the_table():
    results = [
        AttackResult("a|b", "", figures(ATTACKS), 0),
        AttackResult("c", "", figures(ATTACKS[2:3]), 0),
    ]
    assert table(results).splitlines() == [
        "|  | accuracy | under attack | success rate | words changed | queries |",
        "|---|---|---|---|---|---|",
        r"| a\|b | 80.0 ± 17.9 | 40.0 ± 21.9 | 50.0 ± 25.0 | 20.0 ± 10.0 | 25 |",
        "| c | 0.0 ± 0.0 | 0.0 ± 0.0 | - | - | - |",
    ]
