"""What stock fairseq 0.12 needs on torch >= 2.10 and numpy 2: safe, whole and atomic checkpoints.

Importing this module patches fairseq in place, once. It is the only file that knows versions.
"""

import argparse
import atexit
import contextlib
import functools
import inspect
import os
import pickle
import queue
import re
import sys
import time
import types
import warnings
import weakref
import zipfile
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from fairseq import checkpoint_utils
from fairseq.criterions.adaptive_loss import AdaptiveLoss
from fairseq.data import data_utils
from fairseq.data.iterators import BackgroundConsumer, BufferedIterator
from fairseq.distributed import utils as distributed_utils
from fairseq.file_io import PathManager
from fairseq.logging import meters
from omegaconf import DictConfig, OmegaConf
from torch import Tensor
from torch.multiprocessing import ProcessRaisedException

from data_prep.errors import InputError

# ------------------------------------------------------------------ the allow-list
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
torch.serialization.add_safe_globals(SAFE_GLOBALS)

# ------------------------------------------------------------------ patching


def _wrap(owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
    """Replace `owner.name` by `wrapper(stock, ...)`; a second call changes nothing."""
    stock = getattr(owner, name)
    if hasattr(stock, "wrapped_by_fairseq_cline"):
        return

    @functools.wraps(stock)
    def patched(*args: Any, **kwargs: Any) -> Any:
        return wrapper(stock, *args, **kwargs)

    patched.wrapped_by_fairseq_cline = True  # type: ignore[attr-defined]
    is_static = isinstance(inspect.getattr_static(owner, name), staticmethod)
    setattr(owner, name, staticmethod(patched) if is_static else patched)


# ------------------------------------------------------------------ reading checkpoints

_CLASS = re.compile(r"GLOBAL (\S+) (?:was not an allowed|whose module)")


def _read_checked(path: str) -> Any:
    """Read a checkpoint with torch's own reader, after comparing the checksums of a zip file."""
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
    """Raise InputError unless the file is a whole, harmless fairseq checkpoint."""
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


def _load_checkpoint_to_cpu(stock: Callable[..., dict], path: str, *args: Any, **kwargs: Any):
    check_checkpoint(PathManager.get_local_path(path))
    state = stock(path, *args, **kwargs)
    # Checkpoints from before fairseq 0.11 (RoBERTa's) lack the key, and the trainer reads it
    # whenever the criterion has parameters.
    state.setdefault("criterion", None)
    return state


def _load_model_ensemble_and_task(stock: Callable[..., Any], *args: Any, **kwargs: Any):
    """A missing --path, or a missing file of its task's data, is the user's to repair."""
    try:
        return stock(*args, **kwargs)
    except OSError as error:
        raise InputError(f"{error}. Check --path and the data folder") from error


def _load_checkpoint(stock: Callable[..., Any], cfg: Any, trainer: Any, **kwargs: Any):
    """fairseq trains from scratch, without a word, when the file to start from is missing."""
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


# ------------------------------------------------------------------ writing checkpoints


def _copy(stock: Callable[..., Any], src_path: str, dst_path: str, overwrite: bool = False) -> Any:
    """Make checkpoint_last.pt and checkpoint_best.pt whole or not at all.

    fairseq writes the first checkpoint of a save under a temporary name and renames it, but copies
    it straight onto the others: a kill in the middle leaves a truncated checkpoint_last.pt.
    """
    if not PathManager.supports_rename(dst_path):
        return stock(src_path, dst_path, overwrite=overwrite)
    temporary = dst_path + ".tmp"
    try:
        copied = stock(src_path, temporary, overwrite=True)
        if copied:
            os.replace(temporary, dst_path)
        return copied
    finally:  # a failed copy, of a full disk for one, must not keep the space that it took
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)


# ------------------------------------------------------------------ several workers


def _broadcast_object(stock: Callable[..., Any], obj: Any, *args: Any, **kwargs: Any) -> Any:
    """Resume with several workers on torch >= 2.6.

    Rank 0 sends the checkpoint it has read, and the others unpickle it with weights_only=True,
    which refuses omegaconf's classes. Send the config as plain values, as the trainer saves it.
    """
    if isinstance(obj, dict) and isinstance(obj.get("cfg"), DictConfig):
        obj = {**obj, "cfg": OmegaConf.to_container(obj["cfg"], resolve=True, enum_to_str=True)}
    return stock(obj, *args, **kwargs)


# ------------------------------------------------------------------ batches


def _batch_by_size(
    stock: Callable[..., list], indices: Any, *args: Any, **kwargs: Any
) -> list[np.ndarray]:
    """Keep the last batch when its size is no multiple of --required-batch-size-multiple.

    fairseq 0.12 (its issue 5036) leaves that batch out in training, validation and generation.
    With the default multiple of 8 that is up to 7 examples, often the longest ones; and all of
    them if there are fewer than 8.
    """
    if not isinstance(indices, np.ndarray):
        indices = np.fromiter(indices, dtype=np.int64)
    if len(indices) == 0:
        return []
    batches = stock(indices, *args, **kwargs)
    left_out = len(indices) - sum(map(len, batches))
    return [*batches, indices[-left_out:]] if left_out else batches


_consumers: weakref.WeakSet[BackgroundConsumer] = weakref.WeakSet()
_PATIENCE = 10.0  # seconds


def _create_consumer(stock: Callable[..., None], batches: BufferedIterator) -> None:
    stock(batches)
    _consumers.add(batches._consumer)


@atexit.register
def _end_consumers() -> None:
    """Ends the threads that load batches ahead.

    Training that ends within an epoch leaves one behind. When Python ends while it is inside of
    torch, the process is aborted: exit status 134 after "done training".
    """
    deadline = time.monotonic() + _PATIENCE
    for consumer in list(_consumers):
        consumer._max_len = 0  # it stops after the batch that it is at
        while consumer.is_alive() and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                consumer._queue.get(timeout=0.05)  # it may be waiting for a free place


# ------------------------------------------------------------------ numpy 2

if not hasattr(np, "compat"):
    # fairseq-interactive and --sample-break-mode eos ask numpy 1 for Python's integer.
    np.compat = types.SimpleNamespace(long=int)  # type: ignore[attr-defined]

# ------------------------------------------------------------------ adaptive soft-max


def _adaptive_loss(
    criterion: AdaptiveLoss, model: Any, sample: dict, reduce: bool = True
) -> tuple[Tensor, int, dict]:
    """As fairseq's, which takes symbol 1 of every band of rare words for padding, as in the head.

    So two words of a dictionary with three bands were never trained, and validation left them out.
    """
    output = model(**sample["net_input"])
    target = model.get_targets(sample, output).flatten()
    padding = criterion.padding_idx
    scores, targets = model.decoder.adaptive_softmax(output[0], target)
    loss = output[0].new_zeros(1)
    for band, (band_scores, band_target) in enumerate(zip(scores, targets, strict=True)):
        if band_target is not None:
            ignored = padding if band == 0 else -100
            loss += F.cross_entropy(band_scores, band_target, ignore_index=ignored, reduction="sum")
    tokens = int(target.ne(padding).sum())
    sentences = sample["target"].size(0)
    sample_size = sentences if criterion.sentence_avg else tokens
    log = {
        "loss": loss.data,
        "ntokens": tokens,
        "nsentences": sentences,
        "sample_size": sample_size,
    }
    return loss, sample_size, log


# ------------------------------------------------------------------ messages

# fairseq calls hydra 1.3 in the way of hydra 1.0, which says so several times in every run.
warnings.filterwarnings(
    "ignore",
    r"\s*(hydra\.experimental|The (version_base|strict)|In 'config': Usage|'config' is validated)",
    category=UserWarning,
)
# A spawned worker or a data-loading process hands over the text of its traceback only.
_IN_TEXT = re.compile(rf"^{re.escape(InputError.__module__)}\.InputError: (.+)", re.MULTILINE)


def input_error_message(error: BaseException | None) -> str | None:
    """The message of the first InputError on the chain of causes, None if there is none."""
    while error is not None:
        if isinstance(error, InputError | ProcessRaisedException):
            in_text = _IN_TEXT.search(str(error))
            if in_text:
                return in_text[1]
            if isinstance(error, InputError):
                return str(error)
        error = error.__cause__ or error.__context__
    return None


def _excepthook(
    stock: Callable[..., None],
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    message = input_error_message(error)
    if message is None:
        stock(kind, error, trace)
    else:
        print(f"fairseq_cline: error: {message}", file=sys.stderr)


_wrap(checkpoint_utils, "load_checkpoint_to_cpu", _load_checkpoint_to_cpu)
_wrap(checkpoint_utils, "load_model_ensemble_and_task", _load_model_ensemble_and_task)
_wrap(checkpoint_utils, "load_checkpoint", _load_checkpoint)
_wrap(PathManager, "copy", _copy)
_wrap(distributed_utils, "broadcast_object", _broadcast_object)
_wrap(data_utils, "batch_by_size", _batch_by_size)
_wrap(BufferedIterator, "_create_consumer", _create_consumer)
AdaptiveLoss.forward = _adaptive_loss
_wrap(sys, "excepthook", _excepthook)
# hydra prints its own shortened traceback and exits, so that the hook above would not be asked.
os.environ.setdefault("HYDRA_FULL_ERROR", "1")
