"""Checkpoints: which files are let in, and what a kill or a flipped bit does."""

import errno
import os
import shutil
import sys
from argparse import Namespace

import numpy as np
import pytest
import torch
from fairseq import checkpoint_utils
from fairseq.file_io import PathManager
from fairseq.logging import meters

import fairseq_cline.plugin  # noqa: F401 - the patches
from data_prep.errors import InputError


class Hostile:
    """Unpickling it would make a folder, by a function of a module that torch knows or not."""

    def __init__(self, function, path):
        self.call = (function, (str(path),))

    def __reduce__(self):
        return self.call


class Reduced:
    """Unpickling it makes `function(*arguments)`, and gives the result a chosen state."""

    def __init__(self, function, arguments, state=None):
        self.call = (function, arguments) if state is None else (function, arguments, state)

    def __reduce__(self):
        return self.call


def hostile_dtype(subarray=None, names=None, fields=None, flags=0):
    state = (3, "<", subarray, names, fields, -1, -1, flags)
    return Reduced(np.dtype, ("i8", False, True), state)


OBJECT = Reduced(np.dtype, ("O",))
FIELDS = {"names": ("f",), "fields": {"f": (OBJECT, 0)}}


def hostile_array():
    """An int64 whose bytes are also the address of an object; reading that ends the process."""
    empty = (np.ndarray, (0,), b"b")
    filling = (1, (1,), hostile_dtype(**FIELDS), False, b"\1" * 8)
    return Reduced(np._core.multiarray._reconstruct, empty, filling)


def checkpoint(**extra):
    weights = {"weight": torch.arange(4096.0), "bias": torch.ones(8)}
    return {
        "args": None,
        "cfg": None,
        "model": weights,
        "optimizer_history": [{"optimizer_name": "Adam", "lr_scheduler_state": {}}],
        "extra_state": {"train_iterator": {"epoch": 1}},
        **extra,
    }


@pytest.fixture(params=[True, False], ids=["zip", "legacy"])
def save(request, tmp_path):
    """Saves in the format of today or of torch < 1.6, which RoBERTa's release has."""

    def save(state, name="checkpoint.pt"):
        torch.save(state, tmp_path / name, _use_new_zipfile_serialization=request.param)
        return str(tmp_path / name)

    return save


@pytest.mark.parametrize(
    "value",
    [
        Namespace(arch="roberta_base", lr=[0.1]),
        *(np.dtype(kind).type(1) for kind in ("bool", "int32", "int64", "float32", "float64")),
        np.array([3, 1, 2]),
        np.array([0.5, 0.25]),
    ],
    ids=lambda value: f"{type(value).__name__}",
)
def test_what_checkpoints_hold_is_let_in(save, value):
    state = checkpoint_utils.load_checkpoint_to_cpu(save(checkpoint(held=value)))
    assert type(state["held"]) is type(value)
    assert np.array_equal(state["held"], value)


@pytest.mark.parametrize(
    "value, new_name, old_name",
    [
        (np.float64(2.5), b"numpy._core.multiarray", b"numpy.core.multiarray"),
        (np.array([2, 5]), b"numpy._core.multiarray", b"numpy.core.multiarray"),
        (meters.AverageMeter(), b"fairseq.logging.meters", b"fairseq.meters"),
        (meters.TimeMeter(), b"fairseq.logging.meters", b"fairseq.meters"),
        (meters.StopwatchMeter(), b"fairseq.logging.meters", b"fairseq.meters"),
    ],
)
def test_names_of_older_versions_are_let_in(tmp_path, value, new_name, old_name):
    path = tmp_path / "old.pt"
    torch.save(checkpoint(held=value), path, _use_new_zipfile_serialization=False)
    content = path.read_bytes()
    assert new_name in content
    path.write_bytes(content.replace(new_name, old_name))
    held = checkpoint_utils.load_checkpoint_to_cpu(str(path))["held"]
    assert type(held) is type(value)


@pytest.mark.parametrize(
    "function, name",
    [
        (os.mkdir, f"{os.name}.mkdir"),
        (os.makedirs, "os.makedirs"),
        (shutil.rmtree, "shutil.rmtree"),
    ],
)
def test_anything_else_is_refused_before_it_runs(save, tmp_path, function, name):
    marker = tmp_path / "marker"
    if function is shutil.rmtree:
        marker.mkdir()
    before = marker.exists()
    path = save(checkpoint(held=Hostile(function, marker)))
    with pytest.raises(InputError) as caught:
        checkpoint_utils.load_checkpoint_to_cpu(path)
    assert path in str(caught.value) and name in str(caught.value)
    assert marker.exists() == before


@pytest.mark.parametrize(
    "value",
    [
        hostile_dtype(**FIELDS),
        hostile_dtype(subarray=(OBJECT, (1,))),
        hostile_dtype(flags=1),  # says that its bytes are objects
        Reduced(np.dtype, ([("f", "i8")],)),
        OBJECT,
        hostile_array(),
        [({"deep": hostile_array()},)],
        Namespace(lr=hostile_array()),
        Reduced(meters.AverageMeter, (), {"val": hostile_array()}),
    ],
    ids=["fields", "subarray", "flag", "record", "object"]
    + ["array", "deep array", "attribute", "meter"],
)
def test_numpy_values_other_than_numbers_are_refused(save, monkeypatch, value):
    # Meters are on the list under their old name.
    monkeypatch.setattr(meters.AverageMeter, "__module__", "fairseq.meters")
    monkeypatch.setitem(sys.modules, "fairseq.meters", meters)
    path = save(checkpoint(held=value))
    with pytest.raises(InputError, match="refused.* not plain numbers") as caught:
        checkpoint_utils.load_checkpoint_to_cpu(path)
    assert path in str(caught.value)


def test_a_list_that_holds_itself_is_let_in(save):
    loop = []
    loop.append(loop)
    held = checkpoint_utils.load_checkpoint_to_cpu(save(checkpoint(held=loop)))["held"]
    assert held[0] is held


def test_refused_whatever_the_environment_says(save, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    path = save(checkpoint(held=Hostile(os.mkdir, tmp_path / "marker")))
    with pytest.raises(InputError, match="refused"):
        checkpoint_utils.load_checkpoint_to_cpu(path)
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("share", [0.0, 0.0005, 0.1, 0.5, 0.99])
def test_truncated(save, share):
    path = save(checkpoint())
    with open(path, "r+b") as file:
        file.truncate(int(share * os.path.getsize(path)))
    with pytest.raises(InputError, match="truncated") as caught:
        checkpoint_utils.load_checkpoint_to_cpu(path)
    assert path in str(caught.value)


def test_one_flipped_bit_never_changes_what_is_loaded(tmp_path):
    path = tmp_path / "checkpoint.pt"
    torch.save(checkpoint(), path)
    content = path.read_bytes()
    whole = torch.load(path)
    refused = 0
    for position in np.random.default_rng(1).integers(0, len(content), 300):
        flipped = bytearray(content)
        flipped[position] ^= 1 << int(position % 8)
        path.write_bytes(flipped)
        try:
            state = checkpoint_utils.load_checkpoint_to_cpu(str(path))
        except InputError as error:
            assert str(path) in str(error)
            refused += 1
        else:  # a bit of the filling between the zip's entries
            for name, weight in whole["model"].items():
                assert torch.equal(state["model"][name], weight)
    assert refused > 250  # nearly all of the file is tensor data


@pytest.mark.parametrize("content", [torch.ones(3), {"encoder.weight": torch.ones(3)}, [1, 2]])
def test_not_a_fairseq_checkpoint(save, content):
    path = save(content)
    with pytest.raises(InputError, match="not a fairseq checkpoint") as caught:
        checkpoint_utils.load_checkpoint_to_cpu(path)
    assert path in str(caught.value)


def test_not_a_checkpoint_at_all(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("not a checkpoint\n")
    for path in (text, tmp_path, tmp_path / "missing.pt"):
        with pytest.raises(InputError, match=str(path)):
            checkpoint_utils.load_checkpoint_to_cpu(str(path))


def test_criterion_of_an_old_checkpoint(save):
    assert checkpoint_utils.load_checkpoint_to_cpu(save(checkpoint()))["criterion"] is None
    state = checkpoint_utils.load_checkpoint_to_cpu(
        save(checkpoint(criterion={"s": torch.ones(1)}))
    )
    assert state["criterion"] == {"s": torch.ones(1)}


def test_a_copy_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    source, target = tmp_path / "checkpoint1.pt", tmp_path / "checkpoint_last.pt"
    source.write_bytes(b"new")
    target.write_bytes(b"old")

    def fails_half_way(src, dst):
        with open(dst, "wb") as file:
            file.write(b"n")
        raise OSError(errno.ENOSPC, "disk full")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", fails_half_way)
        with pytest.raises(OSError, match="disk full"):
            PathManager.copy(str(source), str(target), overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [source.name, target.name]
    assert target.read_bytes() == b"old"
    assert PathManager.copy(str(source), str(target), overwrite=True)
    assert target.read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == [source.name, target.name]
