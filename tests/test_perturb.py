"""The gradient step, and the hooks that record and shift what an embedding layer returns."""

import pytest
import torch
from torch import nn

from fairseq_cline.perturb import (
    changed_embeddings,
    fast_gradient,
    recorded_embeddings,
    shifted_embeddings,
    sign_gradient,
    within_ball,
)


@pytest.fixture
def layer():
    torch.manual_seed(1)
    return nn.Embedding(10, 4)


@pytest.fixture
def gradient():
    return torch.randn(5, 4, generator=torch.Generator().manual_seed(2), dtype=torch.double)


def step_from_the_paper(gradient, epsilon):
    """Eq. 1 with a plus, one embedding at a time."""
    return torch.stack([epsilon * g / g.pow(2).sum().sqrt() for g in gradient])


def test_equals_the_equation(gradient):
    steps = fast_gradient(gradient, 0.03)
    torch.testing.assert_close(steps, step_from_the_paper(gradient, 0.03))


def test_it_raises_a_linear_loss_by_epsilon_times_the_norm(gradient):
    rise = (fast_gradient(gradient, 0.5) * gradient).sum(-1)
    torch.testing.assert_close(rise, 0.5 * gradient.norm(dim=-1))


@pytest.mark.parametrize("scale", [1e-30, 1e-3, 1e30])
def test_the_scale_of_the_gradient_does_not_matter(gradient, scale):
    single = gradient.float()
    torch.testing.assert_close(fast_gradient(scale * single, 0.03), fast_gradient(single, 0.03))


def test_the_smallest_numbers_have_a_direction_too():
    gradient = torch.tensor([[0.0, 1e-45, 0.0], [0.0, 0.0, -3e38]])
    expected = torch.tensor([[0.0, 2.0, 0.0], [0.0, 0.0, -2.0]])
    torch.testing.assert_close(fast_gradient(gradient, 2.0), expected)


@pytest.mark.parametrize("bad", [0.0, float("inf"), -float("inf"), float("nan")])
def test_a_gradient_without_direction_gives_no_step(gradient, bad):
    broken = gradient.clone()
    if bad == 0:
        broken[1] = 0.0
    else:
        broken[1, 2] = bad
    steps = fast_gradient(broken, 0.03)
    assert torch.equal(steps[1], torch.zeros(4, dtype=torch.double))
    others = [0, 2, 3, 4]
    torch.testing.assert_close(steps[others], fast_gradient(gradient[others], 0.03))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_gives_single_precision_steps(gradient, dtype):
    half = (1000 * gradient).to(dtype)  # the sum of their squares is above what fp16 can hold
    steps = fast_gradient(half, 0.03)
    assert steps.dtype == torch.float32
    torch.testing.assert_close(steps, fast_gradient(half.float(), 0.03))


def test_the_step_is_a_constant(gradient):
    assert not fast_gradient(gradient.requires_grad_(), 0.03).requires_grad


def test_relative_to_the_embedding(gradient):
    embedding = 3 * torch.randn(5, 4, generator=torch.Generator().manual_seed(3)).double()
    embedding[4] = 0.0
    steps = fast_gradient(gradient, 0.2, embedding)
    torch.testing.assert_close(steps.norm(dim=-1), 0.2 * embedding.norm(dim=-1))
    along = steps / steps.norm(dim=-1, keepdim=True)
    torch.testing.assert_close(along[:4], fast_gradient(gradient, 1.0)[:4])


def test_no_gradients_no_steps():
    assert fast_gradient(torch.zeros(0, 4), 0.03).shape == (0, 4)


def test_sign_steps_raise_a_linear_loss_by_epsilon_times_the_l1_norm(gradient):
    gradient[1, 2] = 0.0
    steps = sign_gradient(gradient.requires_grad_(), 0.5)
    assert not steps.requires_grad
    torch.testing.assert_close((steps * gradient).sum(-1), 0.5 * gradient.abs().sum(-1))
    assert steps.abs().max() == 0.5 and steps[1, 2] == 0


@pytest.mark.parametrize("bad", [float("inf"), float("nan")])
def test_a_gradient_that_is_not_finite_gives_no_sign_step(gradient, bad):
    broken = gradient.clone()
    broken[1, 2] = bad
    steps = sign_gradient(broken, 0.5)
    assert steps[1].eq(0).all()
    assert torch.equal(steps[2:], sign_gradient(gradient, 0.5)[2:])


@pytest.mark.parametrize(("norm", "order"), [("l2", 2), ("linf", float("inf"))])
def test_what_is_outside_the_ball_goes_to_its_nearest_point(gradient, norm, order):
    gradient[0] *= 1e-3  # inside
    inside = within_ball(gradient, 0.7, norm)
    assert torch.equal(inside[0], gradient[0])
    lengths = torch.linalg.vector_norm(inside, order, dim=1)
    torch.testing.assert_close(lengths[1:], torch.full((4,), 0.7).double())
    # Each other point of the ball is farther from the perturbation.
    others = within_ball(inside + 0.1 * torch.randn(100, *gradient.shape).double(), 0.7, norm)
    distance = (gradient - inside).norm(dim=-1)
    assert ((gradient - others).norm(dim=-1) >= distance - 1e-12).all()


def test_recorded_embeddings_get_the_gradient_of_each_call(layer):
    tokens = torch.tensor([[1, 2], [3, 3]])
    with recorded_embeddings(layer) as outputs:
        loss = layer(tokens).sum() + 2 * layer(tokens[:1]).sum()
    first, second = torch.autograd.grad(loss, outputs)
    assert torch.equal(first, torch.ones(2, 2, 4))
    assert torch.equal(second, 2 * torch.ones(1, 2, 4))


def test_a_frozen_layer_has_gradients_and_stays_frozen(layer):
    layer.weight.requires_grad_(False)
    with recorded_embeddings(layer) as outputs:
        loss = layer(torch.tensor([[1, 2]])).pow(2).sum()
    loss.backward()
    torch.testing.assert_close(outputs[0].grad, 2 * layer.weight[[1, 2]].unsqueeze(0))
    assert layer.weight.grad is None


def places(*pairs):
    rows, columns = zip(*pairs, strict=True)
    return torch.tensor(rows), torch.tensor(columns)


def test_a_shift_moves_its_places_alone(layer):
    tokens = torch.tensor([[1, 2, 3], [4, 5, 6]])
    steps = torch.tensor([[1.0, 2.0, 3.0, 4.0], [-1.0, 0.0, 0.0, 0.5]])
    with shifted_embeddings(layer, 0, *places((0, 2), (1, 0)), steps):
        shifted = layer(tokens)
    expected = torch.zeros(2, 3, 4)
    expected[0, 2], expected[1, 0] = steps
    torch.testing.assert_close(shifted - layer(tokens), expected)


def test_the_weights_of_a_shifted_word_get_their_gradient(layer):
    with shifted_embeddings(layer, 0, *places((0, 0)), torch.ones(1, 4)):
        layer(torch.tensor([[7, 8]])).pow(2).sum().backward()
    torch.testing.assert_close(layer.weight.grad[7], 2 * (layer.weight[7] + 1))
    torch.testing.assert_close(layer.weight.grad[8], 2 * layer.weight[8])


def test_what_the_model_computes_changes(layer):
    """The shift does not stop at the layer: the logits of a model around it move."""
    torch.manual_seed(2)
    model = nn.Sequential(layer, nn.Linear(4, 10))
    tokens = torch.tensor([[1, 2, 3]])
    with shifted_embeddings(layer, 0, *places((0, 1)), torch.full((1, 4), 0.5)):
        moved = model(tokens)
    changed = (moved - model(tokens)).abs().amax(-1)[0]
    assert changed[1] > 1e-2
    assert changed[0] == changed[2] == 0


@pytest.mark.parametrize("call", [0, 1, 2])
def test_one_call_of_a_shared_layer_is_shifted(layer, call):
    tokens = torch.tensor([[1, 2]])
    with shifted_embeddings(layer, call, *places((0, 1)), torch.ones(1, 4)):
        outputs = [layer(tokens) for _ in range(3)]
    plain = layer(tokens)
    for number, output in enumerate(outputs):
        assert torch.equal(output, plain) == (number != call)


def test_half_precision_embeddings_stay_so(layer):
    with shifted_embeddings(layer.half(), 0, *places((0, 0)), torch.ones(1, 4)):
        assert layer(torch.tensor([[1]])).dtype == torch.float16


def test_no_places(layer):
    nowhere = torch.zeros(0, dtype=torch.long)
    with shifted_embeddings(layer, 0, nowhere, nowhere, torch.zeros(0, 4)):
        shifted = layer(torch.tensor([[1]]))
    assert torch.equal(shifted, layer(torch.tensor([[1]])))


def test_a_change_replaces_one_call(layer):
    tokens = torch.tensor([[1, 2]])
    with changed_embeddings(layer, 1, lambda output: 3 * output):
        first, second = layer(tokens), layer(tokens)
    assert torch.equal(first, layer(tokens)) and torch.equal(second, 3 * first)


@pytest.mark.parametrize(("calls", "call"), [(0, 0), (1, 1), (2, 5)])
def test_a_layer_that_is_not_called_is_an_error(layer, calls, call):
    message = f"called {calls} times in the forward pass, not {call + 1}"
    with (
        pytest.raises(RuntimeError, match=message),
        shifted_embeddings(layer, call, *places((0, 0)), torch.ones(1, 4)),
    ):
        for _ in range(calls):
            layer(torch.tensor([[1]]))


@pytest.mark.parametrize("fails", [False, True])
def test_the_hooks_are_gone_afterwards(layer, fails):
    tokens = torch.tensor([[1, 2]])
    plain = layer(tokens)

    def use(context):
        with context:
            layer(tokens)
            if fails:
                raise KeyError("in the forward pass")

    outputs = []
    for context in (
        recorded_embeddings(layer),
        shifted_embeddings(layer, 0, *places((0, 1)), torch.ones(1, 4)),
    ):
        if fails:
            with pytest.raises(KeyError, match="in the forward pass"):
                use(context)
        else:
            use(context)
        outputs.append(layer(tokens))
    assert all(torch.equal(output, plain) for output in outputs)
    assert not layer._forward_hooks
