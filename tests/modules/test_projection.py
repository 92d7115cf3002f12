import pytest
import torch
from torch import nn

from fairseq_cline.modules.power_norm import PowerNorm
from fairseq_cline.modules.projection import projection_mlp


@pytest.mark.parametrize(
    "norm, types",
    [
        ("power", [nn.Linear, PowerNorm, nn.ReLU, nn.Linear]),
        ("batch", [nn.Linear, nn.BatchNorm1d, nn.ReLU, nn.Linear]),
        ("none", [nn.Linear, nn.ReLU, nn.Linear]),
    ],
)
def test_layers_and_shape(norm, types):
    projection = projection_mlp(5, 7, 3, norm, warmup_updates=2)
    assert [type(layer) for layer in projection] == types
    assert projection(torch.randn(4, 5)).shape == (4, 3)
    assert projection[0].out_features == 7
    if norm == "power":
        assert projection[1].warmup_updates == 2


def test_an_unknown_normalization_is_refused():
    with pytest.raises(ValueError, match="must be one of power, batch, none, not layer"):
        projection_mlp(5, 7, 3, "layer")


@pytest.mark.parametrize("norm", ["power", "batch", "none"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(norm, dtype):
    projection = projection_mlp(5, 7, 3, norm).to(dtype)
    output = projection(torch.randn(4, 5).to(dtype))
    output.sum().backward()
    assert output.dtype == dtype and output.isfinite().all()
    assert all(parameter.grad.isfinite().all() for parameter in projection.parameters())


@pytest.mark.parametrize("warmup", [0, 10**6])
def test_with_power_normalization_it_learns(warmup):
    """A fixed regression of four points, with batch statistics and with running ones."""
    torch.manual_seed(1)
    projection = projection_mlp(5, 32, 3, "power", warmup)
    x, y = torch.randn(4, 5), torch.randn(4, 3)
    optimizer = torch.optim.Adam(projection.parameters(), 0.01)
    for _ in range(200):
        optimizer.zero_grad()
        loss = (projection(x) - y).square().mean()
        loss.backward()
        optimizer.step()
    assert loss.item() < 1e-3
