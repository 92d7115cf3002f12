"""DCL (Chen et al., 2021): masked language model and alignment with a momentum network.

Letters: B pairs, T tokens, D channels of a projection.
"""

import math
from dataclasses import dataclass, field

import torch
from fairseq.criterions import FairseqCriterion, register_criterion
from fairseq.dataclass import FairseqDataclass
from fairseq.logging import metrics
from torch import Tensor

from fairseq_cline.criterions.step.log_means import log_mean
from fairseq_cline.criterions.step.masked_lm import log_masked_lm, masked_lm_log, masked_lm_loss
from fairseq_cline.losses.alignment import (
    alignment_loss,
    positive_cosine,
    random_pair_terms,
    squared_distance,
)
from fairseq_cline.option_ranges import NOT_NEGATIVE, check_options


@dataclass
class DclCriterionConfig(FairseqDataclass):
    mlm_weight: float = field(
        default=1.0,
        metadata={
            "help": "weight of the masked-language-model loss, >= 0 (the paper adds the losses "
            "and gives no weights)"
        },
    )
    alignment_weight: float = field(
        default=1.0,
        metadata={
            "help": "weight of the alignment loss, both directions of Eq. 8 together, >= 0 "
            "(the paper gives none; with 0 the loss and the gradients are those of masked_lm)"
        },
    )


@register_criterion("dcl", dataclass=DclCriterionConfig)
class DclCriterion(FairseqCriterion):
    """Weighted sum of the masked-LM loss and of Eq. 8 in both directions.

    The online network reads the masked original and the synonym sequence, the momentum network
    the original as it was and the synonym sequence; each prediction is compared with the
    projection of its partner. The masked-LM loss is a mean over masked tokens, the alignment loss
    one over pairs. Both are multiplied by `sample_size`, by which the trainer divides the
    gradients: the weights mean the same for every shape of a batch. It is the number of pairs,
    so that the gradient of a pair has the same scale in every batch, as the running statistics of
    power normalization need; without alignment that of masked tokens, as in masked_lm.

    Logged: `loss` and `mlm_loss` in base 2, as masked_lm does (`ppl` is 2 ** mlm_loss),
    `alignment_loss` (0 to 8, as in the paper: `loss` has it divided by ln 2), and measures of
    the online network's projections: `positive_cosine` of pairs, `random_cosine` of different
    examples (1: collapse), `alignment` and `uniformity` of Wang & Isola (2020; the lower the
    better; not a number when no batch had two examples).
    """

    def __init__(self, cfg: DclCriterionConfig, task):
        super().__init__(task)
        check_options(cfg, mlm_weight=NOT_NEGATIVE, alignment_weight=NOT_NEGATIVE)
        self.mlm_weight = cfg.mlm_weight
        self.alignment_weight = cfg.alignment_weight

    def forward(self, model, sample, reduce=True):
        """Returns the summed loss (nats), its sample size and the figures to log."""
        target, synonym = sample["target"], sample["synonym"]
        visible = sample["net_input"]["src_tokens"]
        masked = target.ne(self.padding_idx)  # (B, T)
        original = torch.where(masked, target, visible)
        tokens = torch.cat([visible, synonym])  # (2B, T)
        mlm_logits, extra = model(
            tokens, masked_tokens=masked, momentum_tokens=torch.cat([synonym, original])
        )
        mlm_tokens = masked.sum().clamp(min=1)  # without any the alignment still counts
        pairs = len(synonym)
        sample_size = pairs if self.alignment_weight else mlm_tokens

        mlm = masked_lm_loss(mlm_logits, target, masked, self.padding_idx)
        alignment = alignment_loss(extra["prediction"], extra["target"]).sum()  # of 2B rows
        loss = self.mlm_weight * mlm * (sample_size / mlm_tokens) + self.alignment_weight * (
            alignment * (sample_size / pairs)
        )
        logging_output = {
            "loss": loss.data,
            "sample_size": sample_size,
            "ntokens": tokens.ne(self.padding_idx).sum(),
            **masked_lm_log(mlm, masked, sample),
            "alignment_loss": alignment.data,
            "pairs": pairs,
            **_measures(extra["projection"].detach()),
        }
        return loss, sample_size, logging_output

    @staticmethod
    def reduce_metrics(logging_outputs) -> None:
        """Turns the sums of all workers and micro-batches into what is logged."""
        log_masked_lm(logging_outputs)
        log_mean(logging_outputs, "alignment_loss", "pairs")
        log_mean(logging_outputs, "positive_cosine", "pairs")
        log_mean(logging_outputs, "random_cosine", "random_pairs")
        # _ keeps it out of the log.
        log_mean(logging_outputs, "_random_kernel", "random_pairs", numerator="random_kernel")
        metrics.log_derived(
            "alignment",
            lambda meters: round(float(squared_distance(meters["positive_cosine"].avg)), 3),
        )
        metrics.log_derived("uniformity", _uniformity)

    @staticmethod
    def logging_outputs_can_be_summed() -> bool:
        return True


def _measures(projection: Tensor) -> dict:
    """Sums over the B pairs, and over the random pairs of originals and of synonyms: (2B, D)."""
    original, synonym = projection.chunk(2)
    terms = zip(random_pair_terms(original), random_pair_terms(synonym), strict=True)
    cosine, kernel, pairs = (first + second for first, second in terms)
    return {
        "positive_cosine": positive_cosine(original, synonym).sum(),
        "random_cosine": cosine,
        "random_kernel": kernel,
        "random_pairs": pairs,
    }


def _uniformity(meters) -> float:
    """Logarithm of the mean Gaussian kernel of random pairs."""
    mean = float(meters["_random_kernel"].avg)
    return round(math.log(mean), 3) if mean > 0 else math.nan
