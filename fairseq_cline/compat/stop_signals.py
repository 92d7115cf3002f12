"""SIGTERM and SIGUSR1 stop a training: a checkpoint, then an exit with a status of its own.

A batch system sends one of them some time before it ends a job. One worker that gets it stops all:
whether one has is summed with the figures that workers exchange at each update anyway. What would
have followed the update (a validation that is due) follows, since the checkpoint is there by then.
"""

import logging
import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

import torch
from fairseq import checkpoint_utils
from fairseq.data.iterators import EpochBatchIterator
from fairseq.trainer import Trainer

from fairseq_cline.compat.patching import Wrapper, patch

logger = logging.getLogger(__name__)

# "Try again later": it tells a stop from an end (0), an error (1) and a process that was killed
# (128 and more), so that a job script knows when to put the job back into the queue.
STATUS = os.EX_TEMPFAIL
SIGNALS = (signal.SIGTERM, signal.SIGUSR1)
# From a process that waits for this one: which has started the workers, or a recipe's bash. A group gets
# both.
FORWARDED = signal.SIGUSR2


class _Stop:
    """The state of a worker about the end of its training."""

    is_asked = False  # this process has got a signal
    askers: Any = 0.0  # number of workers that have got one, as of the last exchange
    is_saved = False
    batches: EpochBatchIterator | None = None


_stop = _Stop()


def end_by(number: int) -> None:
    """Ends this process by a signal, as if nobody listened to it."""
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)


def _ask(number: int, frame: FrameType | None) -> None:
    if _stop.is_asked and number != FORWARDED:
        end_by(number)
    _stop.is_asked = True


def listen(stock: Wrapper, trainer: Trainer, epoch: int) -> Any:
    """Begins an epoch; from the first one on, signals stop a training that keeps checkpoints."""
    keeps = not (trainer.cfg.checkpoint.no_save or trainer.cfg.checkpoint.no_last_checkpoints)
    if keeps and threading.current_thread() is threading.main_thread():
        for number in (*SIGNALS, FORWARDED):
            signal.signal(number, _ask)
    return stock(trainer, epoch)


def know_batches(stock: Wrapper, trainer: Trainer, *args: Any, **kwargs: Any) -> EpochBatchIterator:
    """Gives the batches of training; a checkpoint says how many of them are done."""
    _stop.batches = stock(trainer, *args, **kwargs)
    return _stop.batches


def sum_askers(
    stock: Wrapper, trainer: Trainer, outputs: list, *figures: Any, ignore: bool = False
) -> tuple[list, list]:
    """Sums figures over the workers, and with them how many have got a signal."""
    outputs, sums = stock(trainer, outputs, *figures, float(_stop.is_asked), ignore=ignore)
    *sums, _stop.askers = sums
    return outputs, sums


def _save_if_asked(trainer: Trainer) -> None:
    """Saves a checkpoint, in the same step on all workers."""
    alone = trainer.data_parallel_world_size == 1
    asked = _stop.is_asked if alone else _stop.askers > 0
    if asked and not _stop.is_saved and _stop.batches is not None:
        _stop.is_saved = True  # before: a checkpoint holds the time of the training
        checkpoint_utils.save_checkpoint(trainer.cfg.checkpoint, trainer, _stop.batches, None)


def training_time(stock: Wrapper, trainer: Trainer) -> float:
    """Gives the time of a training, which fairseq asks for after each update."""
    _save_if_asked(trainer)
    return stock(trainer)


def valid_step(stock: Wrapper, trainer: Trainer, *args: Any, **kwargs: Any) -> Any:
    """Makes a step of a validation, which may be a long one."""
    result = stock(trainer, *args, **kwargs)
    _save_if_asked(trainer)
    return result


def train_step(stock: Wrapper, trainer: Trainer, *args: Any, **kwargs: Any) -> Any:
    """Makes an update, or ends the training before it.

    Raises:
        SystemExit: a signal has stopped the training, and its checkpoint is written.
    """
    if not _stop.is_saved:
        return stock(trainer, *args, **kwargs)
    if torch.distributed.is_initialized():
        torch.distributed.barrier()  # a worker that ends early may get the others killed
    logger.info(
        f"stopped by a signal after update {trainer.get_num_updates()} (exit status {STATUS}): the "
        f"same command goes on from {trainer.cfg.checkpoint.save_dir}"
    )
    sys.exit(STATUS)


def prepare() -> None:
    """Makes fairseq's trainer listen to signals."""
    patch(Trainer, "begin_epoch", listen)
    patch(Trainer, "get_train_iterator", know_batches)
    patch(Trainer, "_aggregate_logging_outputs", sum_askers)
    patch(Trainer, "cumulative_training_time", training_time)
    patch(Trainer, "valid_step", valid_step)
    patch(Trainer, "train_step", train_step)
