"""The masked-language-model part of a pre-training step: its loss, and what the log gets of it.

Letters: B sentences, T tokens, M masked tokens, V vocabulary.
"""

from fairseq import modules, utils
from fairseq.logging import metrics
from torch import Tensor

from fairseq_cline.criterions.step.log_means import BITS, log_mean


def masked_lm_loss(logits: Tensor, target: Tensor, masked: Tensor, padding: int) -> Tensor:
    """Sum over the hidden tokens, in nats and single precision.

    Args:
        logits: (M, V), those of the hidden tokens alone.
        target: (B, T), the tokens that were hidden.
        masked: (B, T) bool, where.
        padding: index that `target` has elsewhere.
    """
    return modules.cross_entropy(
        logits, target[masked], reduction="sum", ignore_index=padding
    ).float()


def masked_lm_log(loss: Tensor, masked: Tensor, sample: dict) -> dict:
    """Entries for the logging output of a criterion: `loss` is that of `masked_lm_loss`."""
    return {
        "nsentences": sample["nsentences"],
        "mlm_loss": loss.data,
        "mlm_tokens": masked.sum(),
    }


def log_masked_lm(logs: list[dict]) -> None:
    """Logs `loss` and `mlm_loss` in bits, and `ppl`, 2 ** mlm_loss."""
    log_mean(logs, "loss", "sample_size", BITS)
    log_mean(logs, "mlm_loss", "mlm_tokens", BITS)
    metrics.log_derived("ppl", lambda meters: utils.get_perplexity(meters["mlm_loss"].avg))
