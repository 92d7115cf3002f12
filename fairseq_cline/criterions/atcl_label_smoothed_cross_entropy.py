"""ATCL for translation: Eq. 7 with label-smoothed cross-entropy."""

from dataclasses import dataclass
from typing import Any

from fairseq.criterions import register_criterion
from fairseq.criterions.label_smoothed_cross_entropy import (
    LabelSmoothedCrossEntropyCriterion,
    LabelSmoothedCrossEntropyCriterionConfig,
)

from fairseq_cline.criterions.atcl import AtclConfig, AtclCriterion


@dataclass
class AtclLabelSmoothedConfig(AtclConfig, LabelSmoothedCrossEntropyCriterionConfig):
    pass


@register_criterion("atcl_label_smoothed_cross_entropy", dataclass=AtclLabelSmoothedConfig)
class AtclLabelSmoothedCrossEntropyCriterion(AtclCriterion):
    """Eq. 7 with fairseq's `label_smoothed_cross_entropy`.

    The model is any encoder-decoder whose encoder and decoder have `embed_tokens`.
    The states of the contrast are the encoder's output at a source word, and what enters the
    decoder's output layer at a target word.
    """

    def __init__(self, cfg: AtclLabelSmoothedConfig, task: Any):
        stock = LabelSmoothedCrossEntropyCriterion(
            task,
            cfg.sentence_avg,
            cfg.label_smoothing,
            cfg.ignore_prefix_size,
            cfg.report_accuracy,
        )
        super().__init__(cfg, task, stock)

    @classmethod
    def reduce_metrics(cls, logging_outputs: list[dict]) -> None:
        LabelSmoothedCrossEntropyCriterion.reduce_metrics(logging_outputs)
        AtclCriterion.reduce_step_metrics(logging_outputs)
