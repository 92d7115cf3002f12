"""Checkpoints that are safe to read, whole when they are read, and written whole or not at all."""

import argparse
import os
import pickle
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from fairseq import checkpoint_utils
from fairseq.distributed import utils as distributed_utils
from fairseq.file_io import PathManager
from fairseq.logging import meters

from data_prep.errors import InputError
from data_prep.files.whole import whole_file
from fairseq_cline.compat.configurations import check_configuration, without_files
from fairseq_cline.compat.patching import Wrapper, patch

# torch >= 2.6 unpickles with weights_only=True: tensors, plain Python values, and what is listed
# here. A class belongs here only if making it and filling in its state can run nothing: no file,
# import, or call that the checkpoint chooses. (object, name) allows an object under another name.
# numpy needs one more look: the state of a dtype, integers included, can hide a field of objects
# over bytes that the checkpoint chooses. `check_checkpoint` refuses such a dtype after reading.
_numpy_core = np._core.multiarray if hasattr(np, "_core") else np.core.multiarray
SAFE_GLOBALS: list[Any] = [
    argparse.Namespace,  # attributes only; models without a dataclass config keep their args in it
    distributed_utils._TensorPlaceholder,  # one integer; stands for a tensor sent to other workers
    np.ndarray,  # numbers; --eval-bleu keeps its n-gram counts as arrays in the meters
    np.dtype,  # the type of those numbers, and below the classes of its common values
    *(type(np.dtype(code)) for code in ("bool", "int32", "int64", "uint64", "float32", "float64")),
]
for _core in ("numpy.core", "numpy._core"):  # numpy 1 wrote the first name, numpy 2 the second
    # Both make a value of a given dtype from given bytes: an array or a single number.
    SAFE_GLOBALS.append((_numpy_core._reconstruct, f"{_core}.multiarray._reconstruct"))
    SAFE_GLOBALS.append((_numpy_core.scalar, f"{_core}.multiarray.scalar"))
for _meter in (meters.AverageMeter, meters.TimeMeter, meters.StopwatchMeter):
    # A few numbers each. Checkpoints of 2019 pickled them whole, under their old module name.
    SAFE_GLOBALS.append((_meter, f"fairseq.meters.{_meter.__name__}"))

_CLASS = re.compile(r"GLOBAL (\S+) (?:was not an allowed|whose module)")


def _read_checked(path: str) -> Any:
    """Reads a checkpoint with torch's own reader, after comparing the checksums of a zip file."""
    with open(path, "rb") as file:
        is_zip = file.read(4) == b"PK\x03\x04"
    if is_zip:  # the other format, of torch < 1.6, has no checksums
        # torch's reader skips the CRC-32 of tensor data, so one flipped bit would pass unseen.
        # Cost: 0.3 s a GB from the page cache, next to 2 s a GB for loading (one 2026 CPU core).
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        if damaged is not None:
            raise zipfile.BadZipFile(f"wrong checksum of {damaged}")
    # mmap: this first look costs no copy of the tensors.
    return torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)


def _dtypes(state: Any) -> Iterator[np.dtype]:
    """The dtype of every numpy value in what was read, attributes included; may repeat itself."""
    waiting, seen = [state], set()  # a pickle can hold a list that holds itself
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, np.dtype):
            yield value
        elif isinstance(value, np.ndarray | np.generic):
            yield value.dtype
        elif isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple | set):
            waiting += value
        if not isinstance(value, type):
            waiting += getattr(value, "__dict__", {}).values()


def check_checkpoint(path: str) -> None:
    """Raises InputError unless the file is a whole, harmless fairseq checkpoint."""
    try:
        state = _read_checked(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except Exception as error:  # a damaged pickle can raise anything
        refused = _CLASS.search(str(error)) if isinstance(error, pickle.UnpicklingError) else None
        if refused:
            raise InputError(
                f"{path}: refused before any code of it ran, because it asks for {refused[1]}, "
                "which is not on the list of harmless classes. Get the checkpoint from a source "
                "that you trust, saved with tensors and plain values only"
            ) from error
        raise InputError(
            f"{path}: truncated, damaged or not a checkpoint ({type(error).__name__}). "
            "Copy it again, or use an older checkpoint from the same folder"
        ) from error
    if any(dtype.fields or dtype.subdtype or dtype.hasobject for dtype in _dtypes(state)):
        raise InputError(
            f"{path}: refused, because it holds numpy values that are not plain numbers (fields, "
            "sub-arrays or objects). Get the checkpoint from a source that you trust"
        )
    if not isinstance(state, dict) or "model" not in state:
        raise InputError(f"{path}: not a fairseq checkpoint (no entry 'model'); give another file")
    check_configuration(path, state)


def load_checked(stock: Wrapper, path: str, *args: Any, **kwargs: Any) -> dict:
    """Reads a checkpoint after a look that runs no code of it."""
    check_checkpoint(PathManager.get_local_path(path))
    state = stock(path, *args, **kwargs)
    without_files(state)
    # Checkpoints from before fairseq 0.11 (RoBERTa's) lack the key, and the trainer reads it
    # whenever the criterion has parameters.
    state.setdefault("criterion", None)
    return state


def load_ensemble(
    stock: Wrapper,
    filenames: list[str],
    arg_overrides: dict[str, Any] | None = None,
    task: Any = None,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Loads models for inference.

    Raises:
        InputError: a file is missing; or nobody but the checkpoint names the data folder.
    """
    if task is None and kwargs.get("state") is None and "data" not in (arg_overrides or {}):
        raise InputError(
            f"{', '.join(filenames)}: the data folder that a checkpoint names is not opened; give "
            "the task, or arg_overrides={'data': FOLDER}"
        )
    try:
        return stock(filenames, arg_overrides, task, *args, **kwargs)
    except OSError as error:
        raise InputError(f"{error}. Check --path and the data folder") from error


def start_training(stock: Wrapper, cfg: Any, trainer: Any, **kwargs: Any) -> Any:
    """Loads what training starts from; where that is missing, fairseq trains from scratch.

    Raises:
        InputError: a file is missing that the user has named.
    """
    suffix = trainer.checkpoint_suffix  # "-shard<rank>" when each worker keeps its own part
    flag, start = None, None
    if cfg.restore_file != "checkpoint_last.pt":
        flag, start = "--restore-file", cfg.restore_file.replace(".pt", suffix + ".pt")
    elif not PathManager.exists(os.path.join(cfg.save_dir, f"checkpoint_last{suffix}.pt")):
        if cfg.continue_once is not None:
            flag, start = "--continue-once", cfg.continue_once
        elif cfg.finetune_from_model is not None:
            flag, start = "--finetune-from-model", cfg.finetune_from_model
    if start is not None and not PathManager.isfile(start):
        raise InputError(
            f"{flag} {start}: no such file. Give the path as seen from the current folder "
            "(--save-dir is not searched), or drop the flag to train from scratch"
        )
    return stock(cfg, trainer, **kwargs)


def copy_whole(stock: Wrapper, src_path: str, dst_path: str, overwrite: bool = False) -> Any:
    """Writes checkpoint_last.pt and checkpoint_best.pt whole or not at all.

    fairseq writes the first checkpoint of a save under a temporary name and renames it, but copies
    it straight onto the others: a kill in the middle leaves a truncated checkpoint_last.pt.
    """
    if not PathManager.supports_rename(dst_path):
        return stock(src_path, dst_path, overwrite=overwrite)
    with whole_file(dst_path) as temporary:
        return stock(src_path, str(temporary), overwrite=True)


def prepare() -> None:
    """Makes torch and fairseq read and write checkpoints in this way."""
    torch.serialization.add_safe_globals(SAFE_GLOBALS)
    patch(checkpoint_utils, "load_checkpoint_to_cpu", load_checked)
    patch(checkpoint_utils, "load_model_ensemble_and_task", load_ensemble)
    patch(checkpoint_utils, "load_checkpoint", start_training)
    patch(PathManager, "copy", copy_whole)
