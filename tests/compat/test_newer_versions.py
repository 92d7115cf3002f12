"""Threads that end before Python does, and configurations that other workers can read."""

import itertools
import pickle

import numpy as np
import pytest
from fairseq.data import bucket_pad_length_dataset, data_utils
from fairseq.data.audio import raw_audio_dataset
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


def test_numpy_has_the_names_that_fairseq_asks_for():
    assert np.compat.long is np.int is int
    assert np.float is float  # of the CRF of non-autoregressive translation


@pytest.mark.parametrize("module", [data_utils, bucket_pad_length_dataset, raw_audio_dataset])
def test_buckets_of_lengths(module):
    """The lower of two sizes at each share: a third, two thirds, all."""
    sizes = np.array([9, 1, 5, 2, 7, 3, 20])
    assert module.get_buckets(sizes, 3).tolist() == [3, 7, 20]
    assert module.get_buckets(np.full(4, 6), 3).tolist() == [6]
