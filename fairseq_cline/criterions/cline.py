"""CLINE (Wang et al., 2021): masked language model, replaced-token detection, contrast."""

import logging
from dataclasses import dataclass, field

import torch
from fairseq.criterions import FairseqCriterion, register_criterion
from fairseq.dataclass import ChoiceEnum, FairseqDataclass

from fairseq_cline.criterions.step.log_means import BITS, log_mean
from fairseq_cline.criterions.step.masked_lm import log_masked_lm, masked_lm_log, masked_lm_loss
from fairseq_cline.criterions.step.replaced_tokens import log_replaced_tokens, replaced_tokens
from fairseq_cline.criterions.step.triplet_contrast import triplet_contrast
from fairseq_cline.losses.alignment import alignment_loss
from fairseq_cline.modules.task_weighting import UncertaintyWeighting
from fairseq_cline.option_ranges import NOT_NEGATIVE, POSITIVE, check_options

logger = logging.getLogger(__name__)

TASKS = ("mlm", "rtd", "contrastive")


@dataclass
class ClineCriterionConfig(FairseqDataclass):
    mlm_weight: float = field(
        default=1.0,
        metadata={
            "help": "weight of the masked-language-model loss, >= 0 (lambda_1 of Eq. 7; with "
            "--task-weighting uncertainty a factor beside the learned weight; 0 switches the "
            "task off; default: equal weights)"
        },
    )
    rtd_weight: float = field(
        default=1.0,
        metadata={
            "help": "weight of replaced-token detection, >= 0 (lambda_2 of Eq. 7, used like "
            "--mlm-weight; 0 is the paper's ablation 'w/o RTD')"
        },
    )
    contrastive_weight: float = field(
        default=1.0,
        metadata={
            "help": "weight of the contrastive loss, >= 0 (lambda_3 of Eq. 7, used like "
            "--mlm-weight)"
        },
    )
    task_weighting: ChoiceEnum(["uncertainty", "fixed"]) = field(
        default="uncertainty",
        metadata={
            "help": "uncertainty: training minimizes the weighted sum of exp(-s_i) L_i + s_i with "
            "learned s_i (the paper learns the lambdas); fixed: the three weights alone. "
            "Validation always uses the three weights alone"
        },
    )
    contrast: ChoiceEnum(["triplet", "infonce"]) = field(
        default="triplet",
        metadata={
            "help": "triplet: an original against its synonym and one negative by dot products "
            "(Eq. 6, the paper); infonce: by cosines, against its synonym sentence and all "
            "negatives at once, the synonym sentences of the other triplets of the batch (that of "
            "one worker) among them"
        },
    )
    contrastive_temperature: float = field(
        default=0.05,
        metadata={
            "help": "what --contrast infonce divides the cosines by, > 0 (SimCSE: 0.05); the paper's "
            "Eq. 6 has none"
        },
    )
    negatives: ChoiceEnum(["hard", "random"]) = field(
        default="hard",
        metadata={
            "help": "negative of the contrastive loss: hard: the antonym sentence (Eq. 6 of the "
            "paper; with --contrast infonce beside the others' synonym sentences); random: of "
            "other triplets of the batch alone (its ablation 'w/o hard negative': the original of "
            "one); a batch of one has no other: loss 0"
        },
    )
    consistency_weight: float = field(
        default=0.0,
        metadata={
            "help": "weight of the distance, 2 - 2 cos, between the vector of each masked original "
            "and the one that the encoder gave the whole original before the training, >= 0; it "
            "is never learned. Above 0 the model keeps a frozen copy of that encoder, which must "
            "come from a checkpoint (the paper: 0)"
        },
    )


@register_criterion("cline", dataclass=ClineCriterionConfig)
class ClineCriterion(FairseqCriterion):
    """Weighted sum of three losses (Eq. 7), from one pass over the triplets.

    Each loss is a mean over its own unit (MLM: masked tokens; RTD: tokens of the two perturbed
    sequences, without specials and pads; contrast: triplets). All are multiplied by
    `sample_size`, the number of masked tokens, by which the trainer divides the gradients: the
    weights mean the same for every shape of a batch.

    With --consistency-weight a fourth term, a mean over triplets, keeps the vectors of the
    originals where the encoder had them before. The online network reads the masked originals,
    which its pass has anyway, and the copy the unmasked ones: the term costs one more pass of the
    originals, without gradient. (--mask-prob 0 makes both the same.)

    Logged: `loss`, `mlm_loss`, `rtd_loss`, `contrastive_loss` in base 2 (`ppl` is
    2 ** mlm_loss; 1.0 is what a coin reaches in the last two), `rtd_precision`, `rtd_recall`,
    `rtd_f1` of the replaced tokens, `contrastive_accuracy`, the share of triplets whose original
    is closer to the synonym than to the antonym sentence (whatever the negatives are), the
    factor in front of each loss (`mlm_weight`, ...), and `consistency_loss` (0 to 4; `loss` has it
    divided by ln 2) where it has a weight.
    """

    def __init__(self, cfg: ClineCriterionConfig, task):
        super().__init__(task)
        check_options(
            cfg,
            mlm_weight=NOT_NEGATIVE,
            rtd_weight=NOT_NEGATIVE,
            contrastive_weight=NOT_NEGATIVE,
            contrastive_temperature=POSITIVE,
            consistency_weight=NOT_NEGATIVE,
        )
        self.fixed_weights = (cfg.mlm_weight, cfg.rtd_weight, cfg.contrastive_weight)
        self.contrast, self.negatives = cfg.contrast, cfg.negatives
        self.temperature = cfg.contrastive_temperature
        self.consistency_weight = cfg.consistency_weight
        self.task_weighting = (
            UncertaintyWeighting(len(TASKS)) if cfg.task_weighting == "uncertainty" else None
        )

    def load_state_dict(self, state_dict, strict=True):
        """Starts the learned weights afresh when the checkpoint was trained without them."""
        if not state_dict:
            logger.info("the checkpoint has no learned task weights: initialized")
            return None
        return super().load_state_dict(state_dict, strict)

    def forward(self, model, sample, reduce=True):
        """Returns the summed loss (nats), its sample size and the figures to log."""
        masked = sample["target"].ne(self.padding_idx)  # (B, T)
        tokens = torch.cat(
            [sample["net_input"]["src_tokens"], sample["synonym"], sample["antonym"]]
        )  # (3B, T)
        settings = (
            {"reference_tokens": _unmasked(sample, masked)} if self.consistency_weight else {}
        )
        mlm_logits, extra = model(tokens, masked_tokens=masked, triplets=True, **settings)
        # At least 1: without masked tokens the other two losses still count.
        sample_size = masked.sum().clamp(min=1)

        mlm = masked_lm_loss(mlm_logits, sample["target"], masked, self.padding_idx)
        labels = torch.cat([sample["synonym_labels"], sample["antonym_labels"]])  # (2B, T)
        rtd, rtd_log = replaced_tokens(extra["rtd_logits"], labels)
        contrastive, contrastive_log = triplet_contrast(
            extra["sentence"], self.contrast, self.negatives, self.temperature
        )
        losses = torch.stack([mlm, rtd * sample_size, contrastive * sample_size])
        loss, weights = self._weighted_sum(losses, sample_size, model.training)
        if self.consistency_weight:
            consistency, consistency_log = _consistency(extra)
            loss = loss + self.consistency_weight * consistency * sample_size
            contrastive_log |= consistency_log

        logging_output = {
            "loss": loss.data,
            "sample_size": sample_size,
            "ntokens": tokens.ne(self.padding_idx).sum(),
            **masked_lm_log(mlm, masked, sample),
            **rtd_log,
            **contrastive_log,
            **{f"{task}_weight": w * sample_size for task, w in zip(TASKS, weights, strict=True)},
        }
        return loss, sample_size, logging_output

    def _weighted_sum(self, losses, sample_size, training):
        """Eq. 7, and the factor in front of each loss.

        A weight of 0 multiplies a finite loss (all are computed in float32): every parameter
        stays in the graph, which DDP needs.
        """
        if self.task_weighting is None or not training:
            terms, weights = losses, self.fixed_weights
        else:
            # The user's weight multiplies s_i too. Were it on the loss alone, the learned weight
            # would cancel it out.
            terms = self.task_weighting(losses, sample_size)
            learned = self.task_weighting.weights().detach()
            weights = [fixed * w for fixed, w in zip(self.fixed_weights, learned, strict=True)]
        loss = sum(w * term for w, term in zip(self.fixed_weights, terms, strict=True))
        return loss, weights

    @staticmethod
    def reduce_metrics(logging_outputs) -> None:
        """Turns the sums of all workers and micro-batches into what is logged."""
        logs = logging_outputs
        log_masked_lm(logs)
        log_replaced_tokens(logs)
        log_mean(logs, "contrastive_loss", "contrastive_negatives", BITS)
        log_mean(
            logs, "contrastive_accuracy", "contrastive_triplets", numerator="contrastive_correct"
        )
        if "consistency_loss" in logs[0]:
            log_mean(logs, "consistency_loss", "contrastive_triplets", digits=4)
        for task in TASKS:
            log_mean(logs, f"{task}_weight", "sample_size", digits=4)

    @staticmethod
    def logging_outputs_can_be_summed() -> bool:
        return True


def _unmasked(sample, masked):
    """The originals as they were before masking: (B, T)."""
    return torch.where(masked, sample["target"], sample["net_input"]["src_tokens"])


def _consistency(extra):
    """Mean of 2 - 2 cos between the vectors of the originals, now and before the training."""
    before = extra["reference"]  # (B, C)
    total = alignment_loss(extra["sentence"][: len(before)], before).sum()
    return total / len(before), {"consistency_loss": total.data}
