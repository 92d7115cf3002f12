import math

import pytest
import torch

from fairseq_cline.losses.contrastive import contrastive_loss

K, N, C = 4, 6, 5
TAU = 0.07


@pytest.fixture
def states():
    """Anchors (K, C), positives (K, C) and negatives (K, n, C) in float64."""
    generator = torch.Generator().manual_seed(1)
    anchor, other, negatives = (
        torch.randn(*size, generator=generator, dtype=torch.double)
        for size in ((K, C), (K, C), (K, N, C))
    )
    return anchor, anchor + 0.5 * other, negatives


@pytest.fixture
def valid():
    """Three anchors with 6, 4 and 1 negatives, and one with none."""
    return torch.arange(N) < torch.tensor([6, 4, 1, 0]).unsqueeze(1)


def cosine(x, y):
    dot, xx, yy = (sum(a * b for a, b in zip(*p, strict=True)) for p in ((x, y), (x, x), (y, y)))
    return dot / math.sqrt(xx * yy)


def loss_from_the_paper(anchor, positive, negatives, valid, positive_in_denominator):
    """Eq. 6 written out, one number at a time."""
    losses = []
    for k, h in enumerate(anchor.tolist()):
        similar = math.exp(cosine(h, positive[k].tolist()) / TAU)
        others = [
            math.exp(cosine(h, negative) / TAU)
            for negative, there in zip(negatives[k].tolist(), valid[k].tolist(), strict=True)
            if there
        ]
        total = sum(others) + (similar if positive_in_denominator else 0.0)
        losses.append(-math.log(similar / total) if others else 0.0)
    return torch.tensor(losses, dtype=torch.double)


@pytest.mark.parametrize("inside", [False, True])
def test_equals_the_equation(states, valid, inside):
    everywhere = torch.ones_like(valid)
    torch.testing.assert_close(
        contrastive_loss(*states, TAU, positive_in_denominator=inside),
        loss_from_the_paper(*states, everywhere, inside),
    )
    torch.testing.assert_close(
        contrastive_loss(*states, TAU, valid, inside), loss_from_the_paper(*states, valid, inside)
    )


@pytest.mark.parametrize("inside", [False, True])
def test_gradient(states, valid, inside):
    inputs = [state.requires_grad_() for state in states]
    # A higher temperature than the paper's: numeric differences are exact enough.
    assert torch.autograd.gradcheck(lambda *x: contrastive_loss(*x, 0.5, valid, inside), inputs)


def test_equal_cosines():
    """Similarities are equal: log n without the positive in the denominator, log(n + 1) with."""
    same = torch.tensor([[3.0, 4.0]])
    negatives = 2 * same.expand(1, 7, 2)
    for inside, count in ((False, 7), (True, 8)):
        loss = contrastive_loss(same, same, negatives, TAU, positive_in_denominator=inside)
        assert loss.item() == pytest.approx(math.log(count), abs=1e-5)


def test_least_value():
    """A positive along the anchor and all negatives against it: log n - 2 / tau, or about 0."""
    anchor = torch.tensor([[0.0, 1.0]])
    negatives = -anchor.expand(1, 5, 2)
    printed = contrastive_loss(anchor, anchor, negatives, TAU)
    assert printed.item() == pytest.approx(math.log(5) - 2 / TAU, rel=1e-6)
    usual = contrastive_loss(anchor, anchor, negatives, TAU, positive_in_denominator=True)
    assert usual.item() == pytest.approx(0.0, abs=1e-6)


def test_lengths_do_not_matter(states):
    anchor, positive, negatives = states
    torch.testing.assert_close(
        contrastive_loss(anchor, positive, negatives, TAU),
        contrastive_loss(5 * anchor, 0.1 * positive, 7 * negatives, TAU),
    )


def test_the_order_of_the_negatives_does_not_matter(states, valid):
    anchor, positive, negatives = states
    order = torch.randperm(N, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(
        contrastive_loss(anchor, positive, negatives[:, order], TAU, valid[:, order]),
        contrastive_loss(anchor, positive, negatives, TAU, valid),
    )


@pytest.mark.parametrize("inside", [False, True])
def test_absent_negatives_change_nothing(states, valid, inside):
    anchor, positive, negatives = states
    other = torch.where(valid.unsqueeze(2), negatives, anchor.unsqueeze(1)).requires_grad_()
    loss = contrastive_loss(anchor, positive, other, TAU, valid, inside)
    torch.testing.assert_close(
        loss, contrastive_loss(anchor, positive, negatives, TAU, valid, inside), rtol=0, atol=0
    )
    loss.sum().backward()
    assert other.grad[~valid].eq(0).all() and other.grad[valid].ne(0).any()


@pytest.mark.parametrize("inside", [False, True])
def test_an_anchor_without_negatives_adds_nothing(states, inside):
    inputs = [state.requires_grad_() for state in states]
    loss = contrastive_loss(*inputs, TAU, torch.zeros(K, N, dtype=torch.bool), inside)
    assert loss.eq(0).all()
    loss.sum().backward()
    assert all(state.grad.eq(0).all() for state in inputs)


def test_not_even_a_column_for_negatives(states):
    anchor, positive, negatives = states
    assert contrastive_loss(anchor, positive, negatives[:, :0], TAU).eq(0).all()


def test_no_anchors():
    nothing = torch.zeros(0, C)
    assert contrastive_loss(nothing, nothing, torch.zeros(0, N, C), TAU).shape == (0,)


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("size", [0.0, 1e-3, 1.0, 6e4])
def test_half_precision_is_finite(states, dtype, size, inside):
    """The paper's exp(cos / tau) alone, up to e^14 = 1.6e6, is too much for fp16."""
    inputs = [(size * state.sign()).to(dtype).requires_grad_() for state in states]
    loss = contrastive_loss(*inputs, TAU, None, inside)
    assert loss.dtype == torch.float32 and loss.isfinite().all()
    loss.sum().backward()
    assert all(state.grad.isfinite().all() for state in inputs)


def test_half_precision_is_computed_in_single(states):
    half = [state.half() for state in states]
    torch.testing.assert_close(
        contrastive_loss(*half, TAU), contrastive_loss(*(x.float() for x in half), TAU)
    )


def test_a_split_batch_equals_the_whole(states, valid):
    parts = [contrastive_loss(*(x[k] for x in states), TAU, valid[k]) for k in ([0, 1], [2, 3])]
    torch.testing.assert_close(torch.cat(parts), contrastive_loss(*states, TAU, valid))


def test_descent_pulls_the_positive_and_pushes_the_negatives(states):
    anchor, positive, negatives = states
    positive.requires_grad_()
    negatives.requires_grad_()
    contrastive_loss(anchor, positive, negatives, 0.5).sum().backward()
    similarity = torch.nn.functional.cosine_similarity
    after = positive - 0.01 * positive.grad
    assert (similarity(anchor, after) > similarity(anchor, positive)).all()
    after = negatives - 0.01 * negatives.grad
    anchors = anchor.unsqueeze(1)
    assert (similarity(anchors, after, -1) < similarity(anchors, negatives, -1)).all()
