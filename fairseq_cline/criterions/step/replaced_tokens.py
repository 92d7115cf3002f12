"""The replaced-token-detection part of a pre-training step: its loss, and what the log gets of it.

Letters: B triplets, T tokens.
"""

from fairseq.logging import metrics
from torch import Tensor

from fairseq_cline.criterions.step.log_means import BITS, log_mean
from fairseq_cline.losses.replaced_token import replaced_token_loss

IGNORED_LABEL = -1  # the task gives it to <s>, </s> and padding


def replaced_tokens(logits: Tensor, labels: Tensor) -> tuple[Tensor, dict]:
    """Eq. 4 of CLINE as a mean over the tokens of both sequences, in nats; counts for F1.

    Args:
        logits: (2B, T), above 0 where a token is taken for replaced.
        labels: (2B, T), 1 where it is, 0 where not, or IGNORED_LABEL.
    """
    total = replaced_token_loss(logits, labels, IGNORED_LABEL).sum()
    count = labels.ne(IGNORED_LABEL).sum()
    found, replaced = logits.data > 0, labels == 1
    log = {
        "rtd_loss": total.data,
        "rtd_tokens": count,
        "rtd_tp": (found & replaced).sum(),
        "rtd_fp": (found & (labels == 0)).sum(),
        "rtd_fn": (~found & replaced).sum(),
    }
    return total / count.clamp(min=1), log


def log_replaced_tokens(logs: list[dict]) -> None:
    """Logs `rtd_loss` in bits, and precision, recall and F1 of the replaced tokens."""
    log_mean(logs, "rtd_loss", "rtd_tokens", BITS)
    # Counts add up over an interval, ratios do not; a name with _ is kept out of the log.
    for key in ("rtd_tp", "rtd_fp", "rtd_fn"):
        metrics.log_scalar_sum(f"_{key}", sum(log[key] for log in logs))
    for key, wrong in (
        ("rtd_precision", ("_rtd_fp",)),
        ("rtd_recall", ("_rtd_fn",)),
        ("rtd_f1", ("_rtd_fp", "_rtd_fn")),
    ):
        metrics.log_derived(key, lambda meters, wrong=wrong: _share_found(meters, wrong))


def _share_found(meters, wrong: tuple[str, ...]) -> float:
    """tp / (tp + mean of the wrong counts): precision, recall, or (with both) F1."""
    found = float(meters["_rtd_tp"].sum)
    missed = sum(float(meters[key].sum) for key in wrong) / len(wrong)
    return round(found / (found + missed), 3) if found else 0.0
