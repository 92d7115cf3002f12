"""Learned state of the criterion of a checkpoint, for the criterion that fairseq-validate makes.

fairseq keeps it in the checkpoint, gives it back to a training that is resumed, and forgets it in
fairseq-validate, which then logs the figures of a new criterion.
"""

from contextvars import ContextVar
from typing import Any

from torch import nn

from data_prep.errors import InputError
from fairseq_cline.compat.odd_content import in_words

_STATE = "learned_criterion"  # attribute of a task that was made of a checkpoint
_last_read: ContextVar[dict[str, Any] | None] = ContextVar("last_read", default=None)


def remember(state: dict[str, Any]) -> None:
    """Remembers the criterion of the checkpoint that was read last."""
    _last_read.set(state["criterion"])


def hand_to(task: Any) -> None:
    """Hands what is remembered to the task of that checkpoint."""
    setattr(task, _STATE, _last_read.get())


def restore(criterion: nn.Module, task: Any) -> None:
    """Loads what the task was handed, if anything, into the criterion that was made for it.

    Raises:
        InputError: it does not fit.
    """
    state = getattr(task, _STATE, None)
    if not state:
        return
    try:
        criterion.load_state_dict(state)
    except Exception as error:
        words = in_words(error)
        if words is None:
            raise
        raise InputError(
            f"the criterion in the checkpoint does not fit its configuration ({words}); give a "
            "whole checkpoint, as fairseq-train writes it"
        ) from error
