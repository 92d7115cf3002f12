"""The parts of a checkpoint, and what each must be before anything is made of it."""

from numbers import Real
from typing import Any

import numpy as np
import torch
from torch import Tensor

from data_prep.errors import InputError

# Meters that a checkpoint names, within an epoch; fairseq calls whatever has the name in its module.
_METERS = ("AverageMeter", "ConcatTensorMeter", "StopwatchMeter", "SumMeter", "TimeMeter")
_WHOLE = "give a whole checkpoint, as fairseq-train writes it"


def check_content(path: str, state: Any) -> None:
    """Checks the parts of a checkpoint.

    Args:
        state: what the file holds, as it was read.

    Raises:
        InputError: a part is missing or is something else; or a weight is not finite.
    """
    if not isinstance(state, dict) or "model" not in state:
        raise InputError(f"{path}: not a fairseq checkpoint (no entry 'model'); give another file")
    if not all(isinstance(name, str) for name in state):
        raise InputError(f"{path}: its entries have names that are no texts; {_WHOLE}")
    check_weights(path, state["model"], "model")
    if state.get("criterion") is not None:
        check_weights(path, state["criterion"], "criterion")
    for part in ("task_state", "last_optimizer_state", "optimizer"):
        _check(path, part, state.get(part), None | dict)
    _check_optimizer(path, state.get("last_optimizer_state"))
    _check_history(path, state)
    _check_extra_state(path, state)


def check_weights(path: str, weights: Any, part: str) -> None:
    """Checks tensors of a checkpoint; integers and booleans are of any value.

    Raises:
        InputError: ``weights`` are not named tensors, each with numbers of its own; or one of the
            numbers is not finite.
    """
    if not isinstance(weights, dict):
        raise InputError(
            f"{path}: its '{part}' holds no tensors but is a {type(weights).__name__}; {_WHOLE}"
        )
    for name, tensor in weights.items():
        if not isinstance(name, str) or not is_plain(tensor):
            raise InputError(
                f"{path}: {part}[{str(name)[:60]!r}] is no plain tensor but a "
                f"{type(tensor).__name__}; {_WHOLE}"
            )
        if not all_finite(tensor):
            raise InputError(
                f"{path}: the numbers of {part}[{name!r}] are not all finite (a training that "
                "diverged, or damage); give an older checkpoint, from before that"
            )


def is_plain(value: Any) -> bool:
    """Whether the value is a tensor in memory that holds each of its numbers."""
    return (
        isinstance(value, Tensor)
        and value.device.type == "cpu"
        and value.layout == torch.strided
        and not value.is_nested
        and not value.is_quantized
        and value.untyped_storage().nbytes() >= value.numel() * value.element_size()
    )


def all_finite(tensor: Tensor) -> bool:
    """Whether a tensor holds no infinity and no NaN: 0.1 s a GB on one CPU core of 2026."""
    if not (tensor.is_floating_point() or tensor.is_complex()) or not tensor.numel():
        return True
    tensor = torch.view_as_real(tensor) if tensor.is_complex() else tensor
    tensor = tensor.float() if tensor.element_size() == 1 else tensor  # 8 bits have no order
    return all(bool(extreme.isfinite()) for extreme in tensor.detach().aminmax())


def _check_optimizer(path: str, memory: dict[str, Any] | None) -> None:
    groups = (memory or {}).get("param_groups", [])
    _check(path, "last_optimizer_state: param_groups", groups, list)
    for group in groups:
        _check(path, "last_optimizer_state: param_groups", group, dict)
        for name, value in group.items():
            for number in value if isinstance(value, list | tuple) else [value]:
                _check(path, f"param_groups: {name}", number, None | Real | Tensor)


def _check_history(path: str, state: dict[str, Any]) -> None:
    if "optimizer_history" not in state:
        if "best_loss" in state and "optimizer" in state:
            return  # fairseq of 2017, which fairseq brings up to date
        raise InputError(f"{path}: has weights only (no entry 'optimizer_history'); {_WHOLE}")
    history = state["optimizer_history"]
    if not isinstance(history, list) or not history or not isinstance(history[-1], dict):
        raise InputError(
            f"{path}: its 'optimizer_history' is no list of what optimizers were there; {_WHOLE}"
        )
    for entry in history:
        _check(path, "optimizer_history", entry, dict)
    last = history[-1]
    _check(path, "optimizer_history: num_updates", last.get("num_updates", 0), int, at_least=0)
    if "lr_scheduler_state" not in last and "best_loss" not in last:
        raise InputError(f"{path}: its 'optimizer_history' has no 'lr_scheduler_state'; {_WHOLE}")
    _check(
        path, "optimizer_history: lr_scheduler_state", last.get("lr_scheduler_state"), None | dict
    )


def _check_extra_state(path: str, state: dict[str, Any]) -> None:
    if "extra_state" not in state:
        if {"epoch", "batch_offset", "val_loss"} <= state.keys():
            return  # fairseq of 2017
        raise InputError(
            f"{path}: does not say how far its training was (no 'extra_state'); {_WHOLE}"
        )
    extra = state["extra_state"]
    _check(path, "extra_state", extra, dict)
    for name in ("best", "val_loss", "previous_training_time"):
        value = extra.get(name)
        if isinstance(value, Tensor) and value.numel() == 1:
            value = value.item()  # several workers have summed it
        _check(path, f"extra_state: {name}", value, None | Real)
    position = extra.get("train_iterator")
    _check(path, "extra_state: train_iterator", position, None | dict)
    if position is not None:
        if "epoch" not in position:
            raise InputError(f"{path}: its 'train_iterator' has no 'epoch'; {_WHOLE}")
        for name in ("epoch", "iterations_in_epoch", "version"):
            _check(path, f"train_iterator: {name}", position.get(name, 1), int, at_least=0)
    _check_meters(path, extra.get("metrics"))


def _check_meters(path: str, metrics: Any) -> None:
    _check(path, "extra_state: metrics", metrics, None | dict)
    for group in (metrics or {}).values():
        _check(path, "extra_state: metrics", group, list)
        for meter in group:
            if not _is_meter(meter):
                raise InputError(f"{path}: its 'metrics' are no meters of fairseq; {_WHOLE}")


def _is_meter(value: Any) -> bool:
    match value:
        case [int(), str(), str(kind), dict(numbers)] if kind in _METERS:
            return all(
                isinstance(number, None | Real | Tensor | np.ndarray) for number in numbers.values()
            )
    return False


def _check(path: str, where: str, value: Any, kind: Any, at_least: int | None = None) -> None:
    if not isinstance(value, kind) or (at_least is not None and value < at_least):
        shown = f"{value!r:.40}" if isinstance(value, str | int | float) else type(value).__name__
        raise InputError(f"{path}: its '{where}' cannot be {shown}; {_WHOLE}")
