"""Parts of a checkpoint that are missing or something else, and weights that are not finite."""

import math

import numpy as np
import pytest
import torch

from data_prep.errors import InputError
from fairseq_cline.compat.checkpoint_content import all_finite, check_content

METER = (10, "loss", "AverageMeter", {"val": 1.0, "sum": torch.ones(1), "count": np.int64(3)})


def whole(**parts):
    history = {"criterion_name": "A", "optimizer_name": "B", "lr_scheduler_state": {"best": None}}
    position = {"epoch": 2, "iterations_in_epoch": 3, "version": 2, "shuffle": True}
    extra = {"train_iterator": position, "val_loss": 2.5, "best": np.float64(2.5)}
    return {
        "model": {"weight": torch.ones(3), "version": torch.tensor([3])},
        "criterion": None,
        "optimizer_history": [{**history, "num_updates": 7}],
        "extra_state": {
            **extra,
            "metrics": {"train": [METER]},
            "previous_training_time": torch.tensor(1.5),
        },
        "task_state": {},
        "last_optimizer_state": {"state": {}, "param_groups": [{"lr": 0.1, "betas": (0.9, 0.98)}]},
        **parts,
    }


def without(*names):
    return {name: value for name, value in whole().items() if name not in names}


def test_what_fairseq_writes_is_let_in():
    check_content("x.pt", whole())
    check_content("x.pt", without("criterion", "task_state", "last_optimizer_state"))
    old = {"epoch": 1, "batch_offset": 0, "val_loss": 2.0, "best_loss": 2.0, "optimizer": {}}
    check_content("x.pt", {**without("optimizer_history", "extra_state"), **old})  # of 2017


@pytest.mark.parametrize("state", [[], None, 3, "text", {}, {"cfg": {}}, torch.ones(2), (1,)])
def test_what_is_no_checkpoint(state):
    with pytest.raises(InputError, match=r"x\.pt: not a fairseq checkpoint"):
        check_content("x.pt", state)


BIG = torch.ones(1).expand(10**9, 10**9)  # in a file of a few bytes


@pytest.mark.parametrize("part", ["model", "criterion"])
@pytest.mark.parametrize(
    "weights",
    [
        [1], 3, "text", {"a": 3}, {"a": None}, {"a": "text"}, {"a": [torch.ones(1)]}, {"a": BIG},
        {3: torch.ones(1)}, {"a": {"b": torch.ones(1)}}, {"a": torch.ones(1, device="meta")},
        {"a": torch.ones(2).to_sparse()},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_weight(part, weights):
    with pytest.raises(InputError, match=rf"x\.pt: .*{part}.*; give a whole checkpoint"):
        check_content("x.pt", whole(**{part: weights}))


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"model": {}}, "has weights only"),
        (without("optimizer_history"), "has weights only"),
        (without("extra_state"), "no 'extra_state'"),
        (whole(optimizer_history=[]), "is no list of what optimizers"),
        (whole(optimizer_history={}), "is no list of what optimizers"),
        (whole(optimizer_history=[3]), "is no list of what optimizers"),
        (whole(optimizer_history=[3, {}]), "'optimizer_history' cannot be 3"),
        (whole(optimizer_history=[{}]), "no 'lr_scheduler_state'"),
        (whole(optimizer_history=[{"num_updates": "7"}]), "num_updates' cannot be '7'"),
        (whole(optimizer_history=[{"num_updates": -1}]), "num_updates' cannot be -1"),
        (whole(optimizer_history=[{"lr_scheduler_state": 3}]), "lr_scheduler_state' cannot be 3"),
        (whole(extra_state=[]), "'extra_state' cannot be list"),
        (whole(extra_state={"train_iterator": 3}), "train_iterator' cannot be 3"),
        (whole(extra_state={"train_iterator": {}}), "'train_iterator' has no 'epoch'"),
        (whole(extra_state={"train_iterator": {"epoch": None}}), "epoch' cannot be NoneType"),
        (whole(extra_state={"train_iterator": {"epoch": -1}}), "epoch' cannot be -1"),
        (whole(extra_state={"best": "2"}), "best' cannot be '2'"),
        (whole(extra_state={"previous_training_time": {}}), "training_time' cannot be dict"),
        (whole(extra_state={"previous_training_time": torch.ones(2)}), "cannot be Tensor"),
        (whole(extra_state={"metrics": []}), "metrics' cannot be list"),
        (whole(extra_state={"metrics": {"train": 3}}), "metrics' cannot be 3"),
        (whole(task_state=[]), "'task_state' cannot be list"),
        (whole(last_optimizer_state=[]), "'last_optimizer_state' cannot be list"),
        (whole(last_optimizer_state={"param_groups": {}}), "param_groups' cannot be dict"),
        (whole(last_optimizer_state={"param_groups": [{"lr": "x"}]}), "lr' cannot be 'x'"),
        (whole(last_optimizer_state={"param_groups": [{"b": (1, "x")}]}), "b' cannot be 'x'"),
        (whole() | {3: 4}, "names that are no texts"),
    ],
)  # fmt: skip
def test_what_is_missing_or_something_else(state, message):
    with pytest.raises(InputError, match=rf"x\.pt: .*{message}.*; give a whole checkpoint"):
        check_content("x.pt", state)


@pytest.mark.parametrize(
    "meter",
    [3, (), METER[:3], ("a", *METER[1:]), (*METER[:2], "MetersDict", {}), (*METER[:2], "eval", {}),
     (*METER[:3], []), (*METER[:3], {"val": "text"}), (*METER[:2], "Meter", {})],
)  # fmt: skip
def test_what_is_no_meter(meter):
    with pytest.raises(InputError, match="its 'metrics' are no meters of fairseq"):
        check_content("x.pt", whole(extra_state={"metrics": {"train": [METER, meter]}}))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("part", ["model", "criterion"])
def test_weights_that_are_not_finite_are_refused_by_name(part, number):
    weights = {"good": torch.ones(3), "first": torch.ones(2, 2), "second": torch.ones(2)}
    weights["first"][1, 0] = weights["second"][0] = number
    with pytest.raises(InputError, match=rf"x\.pt: the numbers of {part}\['first'\] are not all"):
        check_content("x.pt", whole(**{part: weights}))


@pytest.mark.parametrize(
    "kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64]
)
def test_finite_numbers_of_any_size(kind):
    largest = torch.finfo(kind).max
    big = torch.tensor([largest, largest, largest, -largest], dtype=kind)  # its sum is none
    assert all_finite(big) and all_finite(big[:0]) and all_finite(torch.ones(5, dtype=kind))
    for number in (math.nan, math.inf, -math.inf):
        assert not all_finite(torch.tensor([largest, number, largest], dtype=kind))
        assert not all_finite(torch.tensor([number, -number], dtype=kind))


def test_other_kinds_of_numbers():
    assert all_finite(torch.tensor([2**40])) and all_finite(torch.tensor([True]))
    assert all_finite(torch.ones(4).to(torch.float8_e4m3fn))
    assert not all_finite(torch.tensor([math.nan]).to(torch.float8_e4m3fn))
