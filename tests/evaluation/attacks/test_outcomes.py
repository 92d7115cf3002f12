"""Figures of an attack: by hand, and where there is nothing to measure."""

import json

import pytest

from fairseq_cline.evaluation.attacks.outcomes import figures, read_log
from fairseq_cline.evaluation.classifiers.metrics import Score


def attack(outcome: str, changed: int, words: int, queries: int) -> dict:
    pairs = [["a", "b"]] * changed
    return {"outcome": outcome, "changed": pairs, "words": words, "queries": queries}


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


def test_of_nothing_there_is_no_figure():
    found = figures([attack("skipped", 0, 5, 1)])
    assert (found.accuracy.value, found.under_attack.value) == (0.0, 0.0)
    assert found.success_rate is found.words_changed is found.queries is None
    found = figures([attack("failed", 1, 5, 7)])
    assert (found.under_attack.value, found.success_rate.value) == (100.0, 0.0)
    assert found.words_changed is None and found.queries == 7.0
    assert figures([attack("success", 1, 5, 7)]).words_changed == Score(20.0, 0.0)


def test_a_log_may_hold_more_than_is_asked_for(tmp_path):
    rows = [{"seed": 1}, *ATTACKS]
    (tmp_path / "log").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read_log(str(tmp_path / "log"), 2) == ({"seed": 1}, ATTACKS[:2])
    assert read_log(str(tmp_path / "log"), 99) == ({"seed": 1}, ATTACKS)
