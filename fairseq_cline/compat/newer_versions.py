"""Repairs of what fairseq 0.12 cannot do at all on torch >= 2.6 and numpy 2."""

import atexit
import contextlib
import queue
import time
import types
import weakref
from typing import Any

import numpy as np
from fairseq.data import bucket_pad_length_dataset, data_utils
from fairseq.data.audio import raw_audio_dataset
from fairseq.data.iterators import BackgroundConsumer, BufferedIterator
from fairseq.distributed import utils as distributed_utils
from omegaconf import DictConfig, OmegaConf

from fairseq_cline.compat.patching import Wrapper, patch

_PATIENCE = 10.0  # seconds
# Names of numpy 1 that fairseq asks for.
_NUMPY_1 = {"compat": types.SimpleNamespace(long=int), "float": float, "int": int}
_consumers: weakref.WeakSet[BackgroundConsumer] = weakref.WeakSet()


def send_plain_config(stock: Wrapper, obj: Any, *args: Any, **kwargs: Any) -> Any:
    """Lets several workers resume on torch >= 2.6.

    Rank 0 sends the checkpoint it has read, and the others unpickle it with weights_only=True,
    which refuses omegaconf's classes. Send the config as plain values, as the trainer saves it.
    """
    if isinstance(obj, dict) and isinstance(obj.get("cfg"), DictConfig):
        obj = {**obj, "cfg": OmegaConf.to_container(obj["cfg"], resolve=True, enum_to_str=True)}
    return stock(obj, *args, **kwargs)


def remember_consumer(stock: Wrapper, batches: BufferedIterator) -> None:
    """Notes the thread that loads batches ahead, for ``end_consumers``."""
    stock(batches)
    _consumers.add(batches._consumer)


def end_consumers() -> None:
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


def buckets(stock: Wrapper, sizes: np.ndarray, num_buckets: int) -> np.ndarray:
    """The lengths to which --num-batch-buckets pads; numpy 2 calls one option another name."""
    shares = np.linspace(0, 100, num_buckets + 1)
    return np.unique(np.percentile(sizes, shares, method="lower")[1:])


def prepare() -> None:
    """Patches what stops on newer versions."""
    patch(distributed_utils, "broadcast_object", send_plain_config)
    patch(BufferedIterator, "_create_consumer", remember_consumer)
    atexit.register(end_consumers)
    for module in (data_utils, bucket_pad_length_dataset, raw_audio_dataset):
        patch(module, "get_buckets", buckets)
    for name, value in _NUMPY_1.items():
        if not hasattr(np, name):
            setattr(np, name, value)
