"""Gradients at the inputs, alone and as a by-product; their direction in fp16."""

import pytest
import torch
import torch.nn.functional as F

from data_prep.errors import InputError
from fairseq_cline.criterions.step.input_gradients import input_gradients

INPUTS = torch.randn(3, 5, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("early", [False, True])
def test_they_are_those_of_the_loss_up_to_a_scale(early):
    inputs = INPUTS.clone().requires_grad_()
    seen = inputs * 1.0
    loss = (seen**3).sum()
    backward = torch.Tensor.backward if early else None
    (gradient,) = input_gradients(loss, [seen], backward, "another way")
    torch.testing.assert_close(F.normalize(gradient), F.normalize(3 * INPUTS**2))
    assert (inputs.grad is not None) == early


@pytest.mark.parametrize("factor", [1e-7, 1.0, 100.0])
def test_fp16_keeps_the_direction(factor):
    """An example that a model is sure of has a gradient that fp16 alone would round to 0."""
    inputs = INPUTS.half().requires_grad_()
    weight = INPUTS.flip(0).half()
    loss = factor * (inputs * weight).float().sum()
    (gradient,) = input_gradients(loss, [inputs], None, "another way")
    expected = F.normalize(INPUTS.flip(0).half().float())
    torch.testing.assert_close(F.normalize(gradient.float()), expected, rtol=0, atol=0.02)


def test_a_graph_that_cannot_be_kept_is_named():
    def checkpointed(x):
        return torch.utils.checkpoint.checkpoint(torch.sin, x, use_reentrant=True)

    inputs = INPUTS.clone().requires_grad_()
    with pytest.raises(InputError, match="use another way"):
        input_gradients(checkpointed(inputs).sum(), [inputs], None, "another way")
