"""ATCL for language models, with and without adaptive soft-max."""

from dataclasses import dataclass
from typing import Any

from fairseq.criterions import register_criterion
from fairseq.criterions.adaptive_loss import AdaptiveLoss
from fairseq.criterions.cross_entropy import CrossEntropyCriterion
from fairseq.distributed.utils import get_data_parallel_world_size
from omegaconf import II

from data_prep.errors import InputError
from fairseq_cline.criterions.atcl import AtclConfig, AtclCriterion


@dataclass
class AtclCrossEntropyConfig(AtclConfig):
    sentence_avg: bool = II("optimization.sentence_avg")
    ddp_backend: str = II("distributed_training.ddp_backend")


@register_criterion("atcl_cross_entropy", dataclass=AtclCrossEntropyConfig)
class AtclCrossEntropyCriterion(AtclCriterion):
    """Eq. 7 with fairseq's `cross_entropy`, or `adaptive_loss` if the model's soft-max is adaptive.

    The model is any decoder-only one whose decoder has `embed_tokens` and calls `output_layer`:
    `transformer_lm`, `tensorized_transformer_lm`, `lstm_lm`.
    """

    def __init__(self, cfg: AtclCrossEntropyConfig, task: Any):
        super().__init__(cfg, task, CrossEntropyCriterion(task, cfg.sentence_avg))
        self.adaptive = AdaptiveLoss(task, cfg.sentence_avg)

    def task_loss(self, model: Any, sample: dict, reduce: bool = True):
        if getattr(model.decoder, "adaptive_softmax", None) is None:
            return super().task_loss(model, sample, reduce)
        workers = get_data_parallel_world_size()
        if workers > 1 and self.cfg.ddp_backend in ("c10d", "pytorch_ddp"):
            # Words of a rare band may be absent from a batch: c10d waits for their gradients.
            raise InputError(
                f"--ddp-backend {self.cfg.ddp_backend} cannot train an adaptive soft-max; "
                "use --ddp-backend legacy_ddp"
            )
        return self.adaptive(model, sample, reduce=reduce)

    @staticmethod
    def reduce_metrics(logging_outputs: list[dict]) -> None:
        CrossEntropyCriterion.reduce_metrics(logging_outputs)
        AtclCriterion.reduce_step_metrics(logging_outputs)
