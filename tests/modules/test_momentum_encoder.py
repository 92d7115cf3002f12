import math

import pytest
import torch
from torch import nn

from fairseq_cline.modules.momentum_encoder import MomentumEncoder, momentum_at
from fairseq_cline.modules.projection import projection_mlp

B, C = 8, 4


def network(norm="power", seed=1):
    torch.manual_seed(seed)
    return projection_mlp(C, 6, 3, norm)


def move(online, step):
    """Stands for an optimizer step."""
    generator = torch.Generator().manual_seed(step)
    with torch.no_grad():
        for parameter in online.parameters():
            change = torch.randn(parameter.shape, generator=generator)
            parameter += change.to(parameter.dtype)


def test_starts_as_a_copy_that_shares_nothing():
    online = network()
    encoder = MomentumEncoder(online)
    copied, ours = online.state_dict(), encoder.network.state_dict()
    assert copied.keys() == ours.keys()
    for name, value in ours.items():
        assert torch.equal(value, copied[name])
        assert value.data_ptr() != copied[name].data_ptr(), name


def test_has_nothing_for_an_optimizer():
    encoder = MomentumEncoder(network())
    assert not any(parameter.requires_grad for parameter in encoder.parameters())
    x = torch.randn(B, C, requires_grad=True)
    assert not encoder(x).requires_grad


@pytest.mark.parametrize("momentum", [0.0, 0.9, 0.996, 1.0])
def test_equals_the_equation(momentum):
    """Eq. 7, one number at a time; at 0 it is the online network, at 1 it stays."""
    online = network()
    encoder = MomentumEncoder(online)
    slow = {name: p.flatten().tolist() for name, p in online.named_parameters()}
    for step in range(5):
        move(online, step)
        encoder.update(online, momentum)
        for name, theta in online.named_parameters():
            slow[name] = [
                momentum * xi + (1 - momentum) * t
                for xi, t in zip(slow[name], theta.flatten().tolist(), strict=True)
            ]
    for name, xi in encoder.network.named_parameters():
        torch.testing.assert_close(xi.flatten(), torch.tensor(slow[name]))
        if momentum == 0:
            assert torch.equal(xi, online.get_parameter(name))
        elif momentum == 1:
            assert torch.equal(xi, network().get_parameter(name))


def test_an_update_changes_neither_the_online_network_nor_identities():
    online = network()
    encoder = MomentumEncoder(online)
    move(online, 0)
    before = {name: p.clone() for name, p in online.named_parameters()}
    places = [p.data_ptr() for p in encoder.parameters()]
    encoder.update(online, 0.5)
    assert all(torch.equal(p, before[name]) for name, p in online.named_parameters())
    assert places == [p.data_ptr() for p in encoder.parameters()]


@pytest.mark.parametrize("norm", ["power", "batch"])
def test_its_running_statistics_are_its_own(norm):
    online = network(norm)
    encoder = MomentumEncoder(online)
    start = {name: b.clone() for name, b in encoder.network.named_buffers()}
    online(torch.randn(B, C))
    move(online, 0)
    encoder.update(online, 0.5)
    assert all(torch.equal(b, start[name]) for name, b in encoder.network.named_buffers())
    gathered = {name: b.clone() for name, b in online.named_buffers()}
    encoder(torch.randn(B, C))
    moved = [name for name, b in encoder.network.named_buffers() if not torch.equal(b, start[name])]
    assert moved == [name for name in start if not name.endswith("nu")]
    assert all(torch.equal(b, gathered[name]) for name, b in online.named_buffers())


def test_continues_exactly_from_its_state():
    online = network()
    encoder = MomentumEncoder(online)
    move(online, 0)
    encoder.update(online, 0.9)
    encoder(torch.randn(B, C))
    continued = MomentumEncoder(network(seed=2))
    continued.load_state_dict(encoder.state_dict())
    move(online, 1)
    x = torch.randn(B, C)
    for one in (encoder, continued):
        one.update(online, 0.9)
    assert torch.equal(encoder(x), continued(x))
    for name, value in encoder.state_dict().items():
        assert torch.equal(value, continued.state_dict()[name]), name


@pytest.mark.parametrize(
    "other",
    [projection_mlp(C, 6, 2, "power"), nn.Linear(C, 3)],
    ids=["other shape", "other names"],
)
def test_another_network_is_refused(other):
    encoder = MomentumEncoder(network())
    with pytest.raises(ValueError, match=r"not the network that was copied: \S+ differs"):
        encoder.update(other, 0.9)
    for name, parameter in encoder.network.named_parameters():
        assert torch.equal(parameter, network().get_parameter(name))


@pytest.mark.parametrize("momentum", [-0.1, 1.1, math.nan])
def test_a_momentum_out_of_range_is_refused(momentum):
    online = network()
    with pytest.raises(ValueError, match="momentum must be from 0 to 1"):
        MomentumEncoder(online).update(online, momentum)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("copied", ["before", "after"])
def test_small_steps_are_not_lost_in_half_precision(dtype, copied):
    """1 + 1e-4 is 1 in half precision."""
    online = nn.Linear(C, 1)
    nn.init.ones_(online.weight)
    if copied == "before":
        model = nn.ModuleDict({"online": online, "target": MomentumEncoder(online)}).to(dtype)
        online, encoder = model["online"], model["target"]
    else:
        encoder = MomentumEncoder(online.to(dtype))
    nn.init.constant_(online.weight, 2)
    assert online.weight.dtype == dtype
    for _ in range(10):
        encoder.update(online, 1 - 1e-4)
    weight = encoder.network.weight
    assert weight.dtype == torch.float32
    torch.testing.assert_close(weight, torch.full((1, C), 2 - (1 - 1e-4) ** 10))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_computes_in_the_half_precision_of_the_model(dtype):
    encoder = MomentumEncoder(network()).to(dtype)
    x = torch.randn(B, C)
    expected = MomentumEncoder(network())(x)
    for given in (x, x.to(dtype)):
        result = encoder(given)
        assert result.dtype == dtype
        torch.testing.assert_close(result.float(), expected, rtol=0.05, atol=0.05)
    assert encoder.float()(x).dtype == torch.float32


def test_an_autocast_of_the_caller_stays():
    with torch.autocast("cpu", torch.bfloat16):
        assert MomentumEncoder(network())(torch.randn(B, C)).dtype == torch.bfloat16


def test_the_cosine_schedule():
    """BYOL: from the base at the start over the middle of both to 1 at the end."""
    assert momentum_at(0, 100, 0.996) == pytest.approx(0.996)
    assert momentum_at(50, 100, 0.996) == pytest.approx(0.998)
    assert momentum_at(25, 100, 0.0) == pytest.approx(1 - (math.sqrt(0.5) + 1) / 2)
    assert momentum_at(100, 100, 0.996) == momentum_at(200, 100, 0.996) == 1
    steps = [momentum_at(k, 100, 0.9) for k in range(101)]
    assert steps == sorted(steps)


def test_a_schedule_needs_a_length():
    with pytest.raises(ValueError, match="must be positive, not 0"):
        momentum_at(1, 0, 0.9)
