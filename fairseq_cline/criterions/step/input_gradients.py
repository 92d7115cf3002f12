"""Gradients of a loss at the inputs of a model, alone or as a by-product of a backward pass."""

import contextlib
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from data_prep.errors import InputError

# Factor of a loss whose gradients are taken alone: fp16 has nothing below 6e-8. (fairseq's first one.)
SCALE = 2.0**7

# Runs the backward pass of a loss at once: see fairseq_cline.tasks.early_backward.
Backward = Callable[[Tensor], None]


def input_gradients(
    loss: Tensor, inputs: list[Tensor], backward: Backward | None, alternative: str
) -> list[Tensor]:
    """The gradients at `inputs`, up to a common scale (as that of fp16's loss).

    Args:
        backward: if given, the gradients of the weights are added up too and the graph is freed;
            if not, it is kept for a later pass.
        alternative: what to do in place of --checkpoint-activations, whose graphs cannot be kept.
    """
    if backward is None:
        try:
            return list(torch.autograd.grad(SCALE * loss, inputs, retain_graph=True))
        except RuntimeError as error:
            if "heckpoint" not in str(error):
                raise
            raise InputError(
                "--checkpoint-activations cannot give the gradient of the embeddings alone; "
                f"leave it out, or use {alternative}"
            ) from error
    for tensor in inputs:
        tensor.retain_grad()
    backward(loss)
    return [tensor.grad for tensor in inputs]


def before_exchange(model: Any, backward: Backward | None) -> contextlib.AbstractContextManager:
    """Keeps workers from exchanging gradients in a backward pass that is not the last one."""
    alone = getattr(model, "no_sync", None) if backward else None
    return alone() if alone else contextlib.nullcontext()
