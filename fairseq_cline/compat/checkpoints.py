"""Checkpoints that are safe to read, whole when they are read, and written whole or not at all."""

import argparse
import contextlib
import logging
import os
import pickle
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from fairseq import checkpoint_utils
from fairseq.dataclass.utils import overwrite_args_by_name
from fairseq.distributed import utils as distributed_utils
from fairseq.file_io import PathManager
from fairseq.logging import meters
from omegaconf import OmegaConf, open_dict

from data_prep.errors import InputError
from data_prep.files.inputs import check_readable
from data_prep.files.whole import whole_file
from fairseq_cline.compat import learned_criterions
from fairseq_cline.compat.building import check_buildable, is_building
from fairseq_cline.compat.checkpoint_content import check_content
from fairseq_cline.compat.configurations import drop_left_out, review_configuration
from fairseq_cline.compat.odd_content import in_words
from fairseq_cline.compat.patching import Wrapper, patch

# torch >= 2.6 unpickles with weights_only=True: tensors, plain Python values, and what is listed
# here. A class belongs here only if making it and filling in its state can run nothing: no file,
# import, or call that the checkpoint chooses. (object, name) allows an object under another name.
# numpy needs one more look: the state of a dtype, integers included, can hide a field of objects
# over bytes that the checkpoint chooses. `read_checkpoint` refuses such a dtype after reading.
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


def _read(path: str) -> Any:
    """The content of a file, read once, and by torch's own reader, after a look at its checksums."""
    with open(path, "rb") as file:
        if file.read(4) == b"PK\x03\x04":  # the other format, of torch < 1.6, has no checksums
            # torch's reader skips the CRC-32 of tensor data, so one flipped bit would pass unseen.
            # Cost: 0.3 s a GB from the page cache, next to 2 s a GB for loading (one 2026 CPU core).
            with zipfile.ZipFile(file) as archive:
                damaged = archive.testzip()
            if damaged is not None:
                raise zipfile.BadZipFile(f"wrong checksum of {damaged}")
        file.seek(0)
        return torch.load(file, map_location="cpu", weights_only=True)


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


def read_checkpoint(path: str) -> dict[str, Any]:
    """The content of a checkpoint, after a look that runs no code of it.

    Raises:
        InputError: the file is no whole and harmless checkpoint, or its weights are not finite.
    """
    state = read_pickle(path)
    check_content(path, state)
    return state


def read_pickle(path: str) -> Any:
    """The content of a file that torch has saved, of any form, after a look that runs no code of it.

    Raises:
        InputError: the file is not whole, or asks for more than tensors and plain values.
    """
    check_readable(path)
    try:
        state = _read(path)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); give a whole checkpoint, or copy it again"
        ) from error
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
    return state


def load_checked(
    stock: Wrapper,
    path: str,
    arg_overrides: dict[str, Any] | None = None,
    load_on_all_ranks: bool = False,
) -> dict[str, Any]:
    """Loads a checkpoint as fairseq does, of what `read_checkpoint` gives. (`stock` is not called.)

    Args:
        arg_overrides: options that the user sets, in the place of the checkpoint's.
        load_on_all_ranks: every worker calls this at once.
    """
    local = PathManager.get_local_path(path)
    if local != path and PathManager.path_requires_pathmanager(path):
        with contextlib.suppress(FileNotFoundError):
            os.remove(local)  # the copy of a remote file, which may have changed since
        if load_on_all_ranks:
            torch.distributed.barrier()
        local = PathManager.get_local_path(path)
    state = read_checkpoint(local)
    left_out = review_configuration(path, state)
    try:
        _configure(path, state, arg_overrides or {}, left_out)
    except InputError:
        raise
    except Exception as error:
        words = in_words(error)
        if words is None:
            raise
        raise InputError(
            f"{path}: its configuration cannot be read ({words}); give a whole checkpoint, as "
            "fairseq-train writes it"
        ) from error
    # Checkpoints from before fairseq 0.11 (RoBERTa's) lack the key, and the trainer reads it
    # whenever the criterion has parameters.
    state.setdefault("criterion", None)
    learned_criterions.remember(state)
    return state


def _configure(
    path: str, state: dict[str, Any], overrides: dict[str, Any], left_out: dict[str, list[str]]
) -> None:
    """Makes fairseq's configuration of a checkpoint's, with the options that the user sets."""
    if state.get("args") is not None:
        vars(state["args"]).update(overrides)
    if state.get("cfg") is not None:
        state["cfg"] = OmegaConf.create(state["cfg"], flags={"allow_objects": True})
        overwrite_args_by_name(state["cfg"], overrides)
        drop_left_out(state["cfg"], left_out)
    from_args = state.get("args") is not None
    if is_building() and not from_args:
        check_buildable(path, state)
    checkpoint_utils._upgrade_state_dict(state)
    if is_building() and from_args:
        check_buildable(path, state)
    if state.get("cfg") is not None and "criterion" not in state["cfg"]:
        with open_dict(state["cfg"]):
            state["cfg"].criterion = None


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
    # Of old arguments that make no configuration it logs all, next to the error that says it.
    logging.getLogger("fairseq.dataclass.utils").setLevel(logging.CRITICAL)
    patch(checkpoint_utils, "load_checkpoint_to_cpu", load_checked)
    patch(PathManager, "copy", copy_whole)
