"""Means for the log, of the sums of workers and micro-batches."""

import math

from fairseq.logging import metrics

BITS = 1 / math.log(2)
"""Bits in a nat, the unit in which fairseq logs losses."""


def log_mean(
    logs: list[dict],
    key: str,
    count: str,
    factor: float = 1.0,
    numerator: str | None = None,
    digits: int = 3,
) -> None:
    """Logs factor * sum of `numerator` / sum of `count` as `key`.

    A unit that no batch had (no masked token, no negative) has weight 0 in the mean.

    Args:
        logs: logging outputs of a criterion.
        numerator: its entry in these (default: `key`).
    """
    units = sum(log[count] for log in logs)
    total = sum(log[numerator or key] for log in logs)
    metrics.log_scalar(key, factor * total / max(units, 1), units, round=digits)
