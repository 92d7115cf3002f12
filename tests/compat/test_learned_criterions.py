"""The criterion that is made for the task of a checkpoint has what that of the checkpoint has."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from data_prep.errors import InputError
from fairseq_cline.compat import learned_criterions


def handed(state) -> SimpleNamespace:
    task = SimpleNamespace()
    learned_criterions.remember({"criterion": state})
    learned_criterions.hand_to(task)
    return task


def test_what_was_learned_is_loaded():
    learned, fresh = nn.Linear(2, 3), nn.Linear(2, 3)
    task = handed(learned.state_dict())
    learned_criterions.remember({"criterion": None})  # another checkpoint
    learned_criterions.restore(fresh, task)
    assert torch.equal(fresh.weight, learned.weight)


@pytest.mark.parametrize("task", [SimpleNamespace(), handed(None)])
def test_there_may_be_nothing(task):
    criterion = nn.Linear(2, 3)
    before = criterion.weight.clone()
    learned_criterions.restore(criterion, task)
    assert torch.equal(criterion.weight, before)


@pytest.mark.parametrize("other", [nn.Linear(3, 3), nn.Bilinear(2, 2, 3), nn.Sequential()])
def test_what_does_not_fit_is_one_line(other):
    state = other.state_dict() or {"matrix": torch.ones(2)}
    with pytest.raises(InputError, match="the criterion in the checkpoint does not fit .*; give a"):
        learned_criterions.restore(nn.Linear(2, 3), handed(state))
