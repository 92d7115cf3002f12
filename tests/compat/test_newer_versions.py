"""Threads that end before Python does, and configurations that other workers can read."""

import itertools
import pickle

import numpy as np
from fairseq.data.iterators import BufferedIterator
from omegaconf import DictConfig, OmegaConf

from fairseq_cline.compat import newer_versions


def test_the_thread_that_loads_batches_ends_with_the_process():
    """It is in the middle of an epoch without end, and waits for a free place."""

    class Endless:
        def __len__(self):
            return 10**9

        def __iter__(self):
            return itertools.count()

    batches = BufferedIterator(2, Endless())
    assert next(batches) == 0
    assert batches._consumer.is_alive()
    newer_versions.end_consumers()
    assert not batches._consumer.is_alive()


def test_other_workers_get_the_configuration_as_plain_values():
    state = {"cfg": OmegaConf.create({"model": {"layers": 2}}), "epoch": 1}
    sent = newer_versions.send_plain_config(lambda value: value, state)
    assert sent == {"cfg": {"model": {"layers": 2}}, "epoch": 1}
    assert b"omegaconf" not in pickle.dumps(sent)
    assert isinstance(state["cfg"], DictConfig)  # what rank 0 has read is as it was
    assert newer_versions.send_plain_config(lambda value: value, 3) == 3


def test_numpy_has_the_integer_that_fairseq_asks_for():
    assert np.compat.long is int
