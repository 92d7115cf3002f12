import pytest
import torch
from fairseq.tasks.fairseq_task import FairseqTask
from torch import nn

from fairseq_cline.tasks.early_backward import EarlyBackward


class Task(EarlyBackward, FairseqTask):
    def __init__(self):
        pass


class Model(nn.Linear):
    def set_num_updates(self, number):
        self.updates = number


class Optimizer:
    """Counts backward passes."""

    passes = 0

    def backward(self, loss):
        self.passes += 1
        loss.backward()


class Halves:
    """The square of the output; half of its gradient early, if it may."""

    def __init__(self, early_backward):
        self.early_backward = early_backward

    def __call__(self, model, sample, backward=None):
        loss = model(sample).pow(2).sum()
        if backward is None:
            return loss, 1, {}
        backward(loss / 2)
        return model(sample).pow(2).sum() / 2, 1, {}


@pytest.mark.parametrize("ignored", [False, True])
def test_early_passes_add_to_the_gradients(ignored):
    found = {}
    for early in (False, True):
        torch.manual_seed(1)
        model, optimizer = Model(3, 2), Optimizer()
        Task().train_step(torch.ones(4, 3), model, Halves(early), optimizer, 7, ignored)
        assert optimizer.passes == 1 + early and model.updates == 7
        found[early] = model.weight.grad
    torch.testing.assert_close(found[True], found[False])
    assert found[True].any() != ignored


def test_a_criterion_that_does_not_ask_for_it_is_called_as_always():
    Task().train_step(
        torch.ones(1, 3), Model(3, 2), lambda m, x: (m(x).sum(), 1, {}), Optimizer(), 0
    )
