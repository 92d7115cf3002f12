import math

import pytest
import torch

from fairseq_cline.modules.task_weighting import UncertaintyWeighting


def test_equals_the_formula():
    weighting = UncertaintyWeighting(3)
    torch.nn.init.normal_(weighting.log_variance)
    losses = torch.tensor([5.0, 0.3, 0.7])
    expected = [
        math.exp(-s) * loss + s
        for s, loss in zip(weighting.log_variance.tolist(), losses.tolist(), strict=True)
    ]
    torch.testing.assert_close(weighting(losses), torch.tensor(expected))


def test_starts_as_the_plain_losses():
    losses = torch.tensor([5.0, 0.3])
    assert torch.equal(UncertaintyWeighting(2)(losses), losses)


@pytest.mark.parametrize("units", [1.0, 40.0])
def test_optimum_is_the_inverse_loss_whatever_the_unit(units):
    """d/ds (exp(-s) L + s) = 0 at exp(-s) = 1 / L."""
    weighting = UncertaintyWeighting(2)
    losses = torch.tensor([5.0, 0.25])
    optimizer = torch.optim.SGD(weighting.parameters(), lr=0.1 / units)
    for _ in range(300):
        optimizer.zero_grad()
        weighting(losses * units, units).sum().backward()
        optimizer.step()
    torch.testing.assert_close(weighting.weights(), 1 / losses, rtol=1e-3, atol=0)


def test_in_a_half_precision_model_all_is_float32():
    """The gradient of s_i is the loss of a batch, which fp16 training multiplies by 128 and more."""
    weighting = UncertaintyWeighting(2).half()
    weighted = weighting(torch.tensor([8e4, 1.0]), 1e4)
    (128 * weighted.sum()).backward()
    assert weighting.log_variance.dtype == weighted.dtype == torch.float32
    expected = 128 * torch.tensor([1e4 - 8e4, 1e4 - 1.0])
    torch.testing.assert_close(weighting.log_variance.grad, expected)
