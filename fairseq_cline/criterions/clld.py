"""CLLD (Lan et al., 2021): classification, and contrast with distances between labels.

Letters: M examples, C channels of a sentence, K classes.
"""

import logging
from dataclasses import dataclass, field
from typing import Any

import torch
from fairseq.criterions import register_criterion
from fairseq.criterions.sentence_prediction import (
    SentencePredictionConfig,
    SentencePredictionCriterion,
)
from torch import Tensor

from data_prep.errors import InputError
from fairseq_cline.criterions.step.classifier_head import seen_head
from fairseq_cline.criterions.step.log_means import BITS, log_mean
from fairseq_cline.criterions.step.rows_of_workers import rows_of_workers
from fairseq_cline.losses.label_distance_contrast import class_cosines, label_distance_loss
from fairseq_cline.modules.label_distance_matrix import LabelDistance
from fairseq_cline.modules.projection import projection_mlp
from fairseq_cline.option_ranges import POSITIVE, SHARE, at_least, check_options

logger = logging.getLogger(__name__)


@dataclass
class ClldConfig(SentencePredictionConfig):
    contrastive_weight: float = field(
        default=0.5,
        metadata={
            "help": "share of the contrast in the loss, 0 to 1 (1 - lambda of Eq. 9; paper: 0.5; "
            "0: each example still passes twice, the control for CLLD's larger batch). It compares "
            "the examples of all workers; those of a batch of --update-freq among themselves only"
        },
    )
    contrastive_temperature: float = field(
        default=1.0,
        metadata={
            "help": "divides the similarities times distances, > 0 (the paper has none: 1, which "
            "leaves the soft-max nearly flat)"
        },
    )
    contrastive_dim: int = field(
        default=128,
        metadata={"help": "channels of the vectors that are contrasted, > 0 (SimCLR: 128)"},
    )


@register_criterion("clld", dataclass=ClldConfig)
class ClldCriterion(SentencePredictionCriterion):
    """Eq. 9: lambda L_c + (1 - lambda) L_s of examples that each pass twice, with fresh dropout.

    L_c is the stock loss of all 2M rows (Eq. 10 sums M; which of the two it means is not said),
    L_s the contrast of an MLP's view of the sentences (Eq. 3 to 8, 11 to 13), of all workers
    together: their batches are one. A sample that is `ignored` has no part in it. The MLP and the
    label distances belong to the criterion: they are trained, saved and resumed with the model,
    and the model stays a plain classifier.

    Outside training this is the stock criterion, and counts the confusion matrix for Algorithm 1.

    Logged beside its figures: `classification_loss` and `contrastive_loss` (bits), `same_cosine`
    and `other_cosine`, means within and between classes (both near 1: collapse).
    """

    def __init__(self, cfg: ClldConfig, task: Any):
        super().__init__(cfg, task)
        _check(cfg)
        if not hasattr(task, "sentence_channels"):
            raise InputError("--criterion clld needs --task clld_classification")
        self.cfg = cfg
        self.head = projection_mlp(
            task.sentence_channels, task.sentence_channels, cfg.contrastive_dim, "none"
        )
        self.label_distance = LabelDistance(task.cfg.num_classes)

    def load_state_dict(self, state_dict: dict | None, strict: bool = True):
        """Starts afresh when the checkpoint was trained with another criterion or other classes.

        Raises:
            InputError: its MLP is another.
        """
        own, key = self.state_dict(), "label_distance.matrix"
        if not state_dict or key not in state_dict or state_dict[key].shape != own[key].shape:
            logger.info("the checkpoint has no MLP and distances of these classes: initialized")
            return None
        for name, value in state_dict.items():
            if name not in own or own[name].shape != value.shape:
                raise InputError(
                    f"{name} of the checkpoint does not fit this run; use its --contrastive-dim"
                )
        return super().load_state_dict(state_dict, strict)

    def forward(self, model: Any, sample: dict, reduce: bool = True):
        """Returns the summed loss (nats), its sample size and the figures to log."""
        twice = _twice(sample) if model.training else sample
        with seen_head(model, self.classification_head_name) as seen:
            loss, sample_size, log = super().forward(model, twice, reduce)
        labels = twice["target"].view(-1)
        if not model.training:
            log["confusion"] = _confusion(labels, seen.logits)
            return loss, sample_size, log
        weight = self.cfg.contrastive_weight
        # A contrast of weight 0 is only logged.
        with torch.set_grad_enabled(weight > 0):
            vectors = self.head(seen.sentence)  # (2M, D)
            if sample.get("ignored"):
                vectors, labels = vectors[:0], labels[:0]
            vectors, labels, own = rows_of_workers(vectors, labels)
            losses = label_distance_loss(
                vectors, labels, self.label_distance.matrix, self.cfg.contrastive_temperature
            )
        contrast = losses[own].data.sum()
        same, same_pairs, other, other_pairs = class_cosines(vectors.detach(), labels)
        log.update(
            loss=(1 - weight) * loss.data + weight * contrast,
            classification_loss=loss.data,
            contrastive_loss=contrast,
            same_cosine=same,
            same_pairs=same_pairs,
            other_cosine=other,
            other_pairs=other_pairs,
        )
        # All rows, those of other workers too: see rows_of_workers.
        return (1 - weight) * loss + weight * losses.sum(), sample_size, log

    @classmethod
    def reduce_metrics(cls, logging_outputs: list[dict]) -> None:
        """Turns the sums of all workers and micro-batches into what is logged."""
        super().reduce_metrics(logging_outputs)
        if not logging_outputs or "contrastive_loss" not in logging_outputs[0]:
            return  # validation
        log_mean(logging_outputs, "classification_loss", "sample_size", BITS)
        log_mean(logging_outputs, "contrastive_loss", "sample_size", BITS)
        log_mean(logging_outputs, "same_cosine", "same_pairs")
        log_mean(logging_outputs, "other_cosine", "other_pairs")


def _check(cfg: ClldConfig) -> None:
    if cfg.regression_target:
        raise InputError("--criterion clld contrasts classes; leave --regression-target out")
    check_options(
        cfg,
        contrastive_weight=SHARE,
        contrastive_temperature=POSITIVE,
        contrastive_dim=at_least(1),
    )


def _twice(sample: dict) -> dict:
    """A new sample with each example twice: dropout makes two views of it."""
    return {
        **sample,
        "net_input": {key: torch.cat([x, x]) for key, x in sample["net_input"].items()},
        "target": torch.cat([sample["target"], sample["target"]]),
        "ntokens": 2 * sample["ntokens"],
    }


def _confusion(labels: Tensor, logits: Tensor) -> Tensor:
    """(K, K) counts, actual classes down, predicted across."""
    classes = logits.size(1)
    cells = labels * classes + logits.argmax(dim=1)
    return torch.bincount(cells, minlength=classes * classes).view(classes, classes)
