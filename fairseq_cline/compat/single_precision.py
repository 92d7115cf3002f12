"""Losses and figures that are single precision at least, whatever the type of the model.

What fairseq has in the model's type: the scores of an adaptive soft-max (those of other soft-maxes
are single precision), the losses of apex's cross-entropy in bf16, the numbers that a regression
predicts, and the sums over an epoch, which double precision adds up.
"""

from typing import Any

import torch
from fairseq import modules
from fairseq.logging.meters import AverageMeter
from fairseq.modules import AdaptiveSoftmax
from fairseq.trainer import Trainer
from torch import Tensor, nn

from fairseq_cline.compat.patching import Wrapper


def _at_least_single(_module: nn.Module, _inputs: tuple, scores: Tensor) -> Tensor:
    return scores.to(torch.promote_types(scores.dtype, torch.float32))


def make_adaptive_softmax(stock: Wrapper, softmax: AdaptiveSoftmax, *args: Any, **kwargs: Any):
    """Makes the layer; what its head and its bands give is single precision.

    So the loss is, and so are the probabilities that evaluations and generation ask for.
    """
    stock(softmax, *args, **kwargs)
    for band in (softmax.head, *softmax.tail):
        band.register_forward_hook(_at_least_single)


def cross_entropy(stock: Wrapper, logits: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Cross-entropy in single precision; apex's, if installed, gives it for fp32 and fp16 alone."""
    return stock(logits.float() if logits.dtype == torch.bfloat16 else logits, *args, **kwargs)


def add_in_double(stock: Wrapper, meter: AverageMeter, val: Any, *args: Any, **kwargs: Any) -> None:
    """Adds a figure to a mean; fairseq's sum has the type of the last one, in which it soon stands."""
    stock(meter, val.double() if torch.is_tensor(val) else val, *args, **kwargs)


def keep_numbers(stock: Wrapper, trainer: Trainer, sample: dict) -> dict:
    """A batch in half precision, but not the numbers that a regression is to predict."""
    converted = stock(trainer, sample)
    if getattr(trainer.get_criterion(), "regression_target", False):
        converted = {**converted, "target": sample["target"]}
    return converted


# Joins the mends of fairseq_fixes, in the same form.
MENDS = {
    "the scores of an adaptive soft-max are single precision": (
        AdaptiveSoftmax,
        "__init__",
        make_adaptive_softmax,
    ),
    "the cross-entropy of bf16 is single precision": (modules, "cross_entropy", cross_entropy),
    "means of an epoch are added up in double precision": (AverageMeter, "update", add_in_double),
    "numbers to predict are not rounded to half precision": (
        Trainer,
        "_fp_convert_sample",
        keep_numbers,
    ),
}
