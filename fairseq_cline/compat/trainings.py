"""The start of a training: from which checkpoint, in which folder, and whether there is work left."""

import logging
import math
import os
from typing import Any

import torch
from fairseq import checkpoint_utils, utils
from fairseq.distributed import utils as distributed_utils
from fairseq.file_io import PathManager
from fairseq.trainer import Trainer

from data_prep.errors import InputError
from fairseq_cline.compat.license_files import copy_licenses
from fairseq_cline.compat.odd_content import in_words, origin
from fairseq_cline.compat.patching import Wrapper, patch
from fairseq_cline.compat.save_dirs import lock_save_dir
from fairseq_cline.compat.text_files import copy_text_files

logger = logging.getLogger(__name__)

_WITHOUT_STATE = "--reset-optimizer --reset-lr-scheduler --reset-meters --reset-dataloader"


class NoEpochs:
    """The epochs of a training that is finished: the next one comes after any --max-epoch."""

    next_epoch_idx = math.nan  # no number is greater, nor does it equal one


def start_training(stock: Wrapper, cfg: Any, trainer: Any, **kwargs: Any) -> Any:
    """Loads what a training starts from, once the folder for its checkpoints is its own.

    Where the file is missing, fairseq would train from scratch; where the training is finished, it
    would make one more update and write it over the last checkpoint.

    Raises:
        InputError: a file is missing that the user has named, or it does not fit; or another
            training writes into the folder.
    """
    flag, start = _start(cfg, trainer)
    if flag and not PathManager.isfile(start):
        raise InputError(
            f"{flag} {start}: no such file. Give the path as seen from the current folder "
            "(--save-dir is not searched), or drop the flag to train from scratch"
        )
    run = trainer.cfg
    writes = not cfg.no_save and distributed_utils.is_master(run.distributed_training)
    if writes:
        lock_save_dir(cfg.save_dir)
    try:
        extra_state, epochs = stock(cfg, trainer, **kwargs)
    except RuntimeError as error:
        if "dataloader mismatch" not in str(error):
            raise
        raise InputError(
            f"{start}: was written within an epoch of other batches (other data, --max-tokens, "
            "--batch-size or number of workers); give the same, or add --reset-dataloader to begin "
            "the epoch anew"
        ) from error
    reason = extra_state and _reason_to_end(run.optimization, trainer, epochs, extra_state)
    if reason:
        logger.info(
            f"finished at update {trainer.get_num_updates()} ({reason}): nothing to train, and "
            f"{cfg.save_dir} stays as it is; to go on, raise the limit"
        )
        return extra_state, NoEpochs()
    if writes:  # not before: a training that is refused leaves nothing
        _copy_text_files(run.task, cfg.save_dir)
        if flag:
            copy_licenses(start, cfg.save_dir)
    return extra_state, epochs


def _start(cfg: Any, trainer: Any) -> tuple[str | None, str]:
    """The flag that names what training starts from, None if nothing does, and its path."""
    suffix = trainer.checkpoint_suffix  # "-shard<rank>" when each worker keeps its own part
    if cfg.restore_file != "checkpoint_last.pt":
        return "--restore-file", cfg.restore_file.replace(".pt", suffix + ".pt")
    last = os.path.join(cfg.save_dir, f"checkpoint_last{suffix}.pt")
    if not PathManager.exists(last):
        if cfg.continue_once is not None:
            return "--continue-once", cfg.continue_once
        if cfg.finetune_from_model is not None:
            return "--finetune-from-model", cfg.finetune_from_model
    return None, last


def _copy_text_files(task: Any, save_dir: str) -> None:
    """Copies the tokenizer of the first data folder, if there is one: all have one dictionary."""
    data = getattr(task, "data", None)
    if isinstance(data, str) and data:
        verify = not getattr(task, "skip_verification", False)
        copy_text_files(utils.split_paths(data)[0], save_dir, verify)


def _reason_to_end(
    optimization: Any, trainer: Any, epochs: Any, extra_state: dict[str, Any]
) -> str | None:
    """The limit that a training has reached, None if there is work left."""
    if optimization.max_update and trainer.get_num_updates() >= optimization.max_update:
        return f"--max-update {optimization.max_update}"
    if optimization.max_epoch and epochs.next_epoch_idx > optimization.max_epoch:
        return f"--max-epoch {optimization.max_epoch}"
    hours = optimization.stop_time_hours
    if hours > 0 and (extra_state.get("previous_training_time") or 0) > hours * 3600:
        return f"--stop-time-hours {hours:g}"
    return None


def load_state(stock: Wrapper, trainer: Trainer, filename: str, *args: Any, **kwargs: Any) -> Any:
    """Puts a checkpoint into a training.

    Raises:
        InputError: the checkpoint is of another model, criterion or optimizer, or incomplete.
    """
    try:
        extra_state = stock(trainer, filename, *args, **kwargs)
    except InputError:
        raise
    except Exception as error:
        # fairseq hides what was wrong with the weights behind an error of its own.
        of_model = "Cannot load model parameters" in str(error)
        cause = error.__context__ if of_model and error.__context__ else error
        if os.path.join("torch", "distributed") in origin(cause):
            raise InputError(
                f"{filename}: another worker has stopped while it was read; see its message"
            ) from error
        words = in_words(cause)
        if words is None:
            raise
        if of_model:
            remedy = "give --arch and the sizes of its training, or another checkpoint"
        else:
            remedy = f"to start from its weights alone, add {_WITHOUT_STATE}"
        raise InputError(f"{filename}: does not fit this training ({words}); {remedy}") from error
    if extra_state is not None:
        _check_optimizer(filename, trainer)
    return extra_state


def _check_optimizer(filename: str, trainer: Trainer) -> None:
    """Raises InputError when what an optimizer remembers of a parameter has not its shape."""
    for parameter, memory in trainer.optimizer.optimizer.state.items():
        shape = parameter.shape
        fitting = (shape, shape[:-1], shape[:-2] + shape[-1:])  # Adafactor keeps rows and columns
        for name, value in memory.items():
            if isinstance(value, torch.Tensor) and value.numel() > 1 and value.shape not in fitting:
                raise InputError(
                    f"{filename}: its optimizer remembers {name} of {[*value.shape]} for a weight "
                    f"of {[*shape]}; to start from its weights alone, add {_WITHOUT_STATE}"
                )


def prepare() -> None:
    """Makes fairseq start trainings in this way."""
    patch(checkpoint_utils, "load_checkpoint", start_training)
    patch(Trainer, "load_checkpoint", load_state)
