"""Means over workers and over updates: every unit counts the same."""

from fairseq.logging import metrics

from fairseq_cline.criterions.step.log_means import BITS, log_mean


def test_every_unit_counts_the_same():
    updates = [
        [{"x": 2.0, "units": 1}, {"x": 4.0, "units": 1}],  # of two workers
        [{"x": 30.0, "units": 6}],
        [{"x": 0.0, "units": 0}],  # nothing to measure
    ]
    with metrics.aggregate(new_root=True) as meters:
        for logs in updates:
            log_mean(logs, "x", "units")
            log_mean(logs, "y", "units", BITS, numerator="x", digits=1)
    values = meters.get_smoothed_values()
    assert values["x"] == 36.0 / 8
    assert values["y"] == round(36.0 / 8 * BITS, 1)
