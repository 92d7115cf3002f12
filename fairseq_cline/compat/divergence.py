"""A training that diverges ends with one line that says where, and leaves no crash.pt."""

import contextlib
import functools
import itertools
import logging
import math
import os
import sys
from collections.abc import Iterator
from typing import Any

import torch
from fairseq.trainer import Trainer
from torch import Tensor, nn

from data_prep.errors import InputError
from fairseq_cline.compat.messages import input_error_message
from fairseq_cline.compat.patching import Wrapper, patch

logger = logging.getLogger(__name__)


class NotFiniteError(Exception):
    """The gradients of an update are not finite; no error that fairseq's trainer handles."""


def check_gradients(stock: Wrapper, trainer: Trainer, clip_norm: float) -> Tensor:
    """Clips the gradients.

    Raises:
        NotFiniteError: they are not finite, and no smaller scale of the loss is left to try.
    """
    try:
        norm = stock(trainer, clip_norm)
    except FloatingPointError as error:  # the scale of fp16 or amp has become too small
        raise NotFiniteError from error
    if not trainer.cfg.common.amp and not torch.isfinite(norm).all():
        raise NotFiniteError
    return norm


def explain_divergence(
    stock: Wrapper, trainer: Trainer, samples: list, *args: Any, **kwargs: Any
) -> Any:
    """Makes an update.

    Raises:
        InputError: the training has diverged; the message names the update, the part of the loss
            and the first tensor that is not finite.
    """
    try:
        return stock(trainer, samples, *args, **kwargs)
    except NotFiniteError as error:
        number, lr = trainer.get_num_updates() + 1, trainer.get_lr()
        raise InputError(
            f"update {number}: the training has diverged: {_find(trainer, samples)}; give a "
            f"smaller --lr (it is {lr:g} here), more --warmup-updates or a --clip-norm, and start "
            "from a checkpoint of an earlier update or anew"
        ) from error


def _find(trainer: Trainer, samples: list) -> str:
    """The part of the loss and the first tensor that are not finite, in words."""
    networks = (trainer.get_model(), trainer.get_criterion())
    for name, weight in _named(networks):
        if not weight.isfinite().all():
            return f"the first tensor that is not finite is the weight {name}"
    trainer._set_seed()
    trainer.zero_grad()
    places: list[str] = []
    parts: dict[str, float] = {}
    with (
        _watching(networks, places),
        contextlib.suppress(ArithmeticError, RuntimeError, ValueError),
    ):
        for sample in samples:
            prepared, is_dummy = trainer._prepare_sample(sample)
            *_, log = trainer.task.train_step(
                prepared,
                trainer.model,
                trainer.criterion,
                trainer.optimizer,
                trainer.get_num_updates(),
                ignore_grad=is_dummy,
            )
            parts |= {name: float(value) for name, value in log.items() if "loss" in name}
            if places or not all(map(math.isfinite, parts.values())):
                break
    found = [name for name, value in parts.items() if not math.isfinite(value)]
    losses = [f"{name} is {parts[name]:g}" for name in found if name != "loss" or len(found) == 1]
    if not places:
        gradients = (
            f"the gradient of {name}"
            for name, weight in _named(networks)
            if weight.grad is not None and not weight.grad.isfinite().all()
        )
        places = [next(gradients, "the norm of the gradients")]
    return ", ".join([*losses, f"the first tensor that is not finite is {places[0]}"])


def _named(networks: tuple[nn.Module, nn.Module]) -> Iterator[tuple[str, nn.Parameter]]:
    return itertools.chain.from_iterable(network.named_parameters() for network in networks)


@contextlib.contextmanager
def _watching(networks: tuple[nn.Module, nn.Module], places: list[str]) -> Iterator[None]:
    """Notes, in the order of the computation, the modules whose output is not finite."""

    def look(name: str, module: nn.Module, inputs: Any, output: Any) -> None:
        values = output if isinstance(output, tuple | list) else [output]
        tensors = (value for value in values if isinstance(value, Tensor))
        if not all(tensor.isfinite().all() for tensor in tensors):
            places.append(f"the output of {name or type(module).__name__}")

    with contextlib.ExitStack() as hooks:
        for network in networks:
            for name, module in network.named_modules():
                hook = module.register_forward_hook(functools.partial(look, name))
                hooks.callback(hook.remove)
        yield


def save_unless_refused(
    stock: Wrapper, trainer: Trainer, filename: str, *args: Any, **kwargs: Any
) -> Any:
    """Saves a checkpoint, but no crash.pt of a run that ends with one line for the user."""
    if os.path.basename(filename) == "crash.pt" and input_error_message(sys.exception()):
        return None
    return stock(trainer, filename, *args, **kwargs)


def prepare() -> None:
    """Makes fairseq's trainer end in this way."""
    patch(Trainer, "clip_grad_norm", check_gradients)
    patch(Trainer, "train_step", explain_divergence)
    patch(Trainer, "save_checkpoint", save_unless_refused)
