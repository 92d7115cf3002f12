"""Training in half precision where fairseq 0.12 asks for another machine.

It takes ``--bf16`` for a TPU, and with ``--fp16 --cpu`` it asks for a GPU: for the flat copy of the
weights, and for the norm of an update that is skipped.
"""

import logging
import sys
from typing import Any

from fairseq import options
from fairseq.logging import metrics
from fairseq.optim import FP16Optimizer
from fairseq.trainer import Trainer
from torch import Tensor

from fairseq_cline.compat.patching import Wrapper, patch

logger = logging.getLogger(__name__)


class SkippedUpdateError(Exception):
    """The gradients of an update on a CPU overflow; the scale of the loss is a smaller one now."""


def parse_without_tpu(
    stock: Wrapper, parser: Any, input_args: list[str] | None = None, *args: Any, **kwargs: Any
) -> Any:
    """Parses a command line; a TPU is meant by ``--tpu`` alone, and not by ``--bf16``."""
    parsed = stock(parser, input_args, *args, **kwargs)
    values = parsed[0] if isinstance(parsed, tuple) else parsed
    values.tpu = "--tpu" in (sys.argv[1:] if input_args is None else input_args)
    return parsed


def build_optimizer(stock: Wrapper, cfg: Any, params: list, **kwargs: Any) -> Any:
    """Makes the optimizer of half precision; on a CPU without the flat copy, as for bf16."""
    if params and params[0].device.type == "cpu":
        cfg.common.fp16_no_flatten_grads = True
    return stock(cfg, params, **kwargs)


def clip_grad_norm(stock: Wrapper, trainer: Trainer, clip_norm: float) -> Tensor:
    """Clips the gradients.

    Raises:
        SkippedUpdateError: they overflow, on a CPU.
    """
    try:
        return stock(trainer, clip_norm)
    except OverflowError as error:
        if trainer.device.type != "cpu":
            raise
        raise SkippedUpdateError(str(error)) from error


def train_step(
    stock: Wrapper, trainer: Trainer, samples: list, *args: Any, **kwargs: Any
) -> dict | None:
    """Makes an update, or skips it as fairseq does on a GPU."""
    if trainer.device.type != "cpu":
        return stock(trainer, samples, *args, **kwargs)
    with metrics.aggregate("train"):
        try:
            # The function within stock's own aggregate, which an error would leave open.
            return stock.__wrapped__(  # type: ignore[attr-defined]
                trainer, samples, *args, **kwargs
            )
        except SkippedUpdateError as error:
            logger.info(f"NOTE: gradient overflow detected, ignoring gradient, {error}")
            trainer.zero_grad()
            scale = trainer.optimizer.scaler.loss_scale
            metrics.log_scalar("loss_scale", scale, priority=700, round=4, weight=0)
            metrics.log_stop_time("train_wall")
            return None


def prepare() -> None:
    """Makes half precision train on what there is; before ``divergence``, which looks at both."""
    patch(options, "parse_args_and_arch", parse_without_tpu)
    patch(FP16Optimizer, "build_optimizer", build_optimizer)
    patch(Trainer, "clip_grad_norm", clip_grad_norm)
    patch(Trainer, "train_step", train_step)
