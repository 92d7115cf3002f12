import math

import pytest
import torch

from fairseq_cline.losses.in_batch_contrast import in_batch_contrast

B, C, TAU = 5, 4, 0.3


@pytest.fixture
def triplet():
    """Anchors, positives and hard negatives, (B, C) each, in float64."""
    return torch.randn(3, B, C, generator=torch.Generator().manual_seed(1), dtype=torch.double)


def slow_loss(anchors, positives, negatives, temperature):
    """The equation, one number at a time."""

    def score(x, y):
        dot = sum(a * b for a, b in zip(x, y, strict=True))
        return math.exp(dot / (math.hypot(*x) * math.hypot(*y)) / temperature)

    losses = []
    for place, anchor in enumerate(anchors):
        denominator = sum(score(anchor, positive) for positive in positives)
        if negatives is not None:
            denominator += score(anchor, negatives[place])
        losses.append(-math.log(score(anchor, positives[place]) / denominator))
    return torch.tensor(losses, dtype=torch.double)


@pytest.mark.parametrize("hard", [True, False])
def test_equals_the_equation(triplet, hard):
    anchor, positive, negative = triplet
    rows = [part.tolist() for part in triplet]
    expected = slow_loss(*rows[:2], rows[2] if hard else None, TAU)
    found = in_batch_contrast(anchor, positive, negative if hard else None, TAU)
    torch.testing.assert_close(found, expected)


def test_gradient(triplet):
    assert torch.autograd.gradcheck(
        lambda x: in_batch_contrast(*x, temperature=TAU), triplet.requires_grad_()
    )
    assert torch.autograd.gradcheck(lambda x: in_batch_contrast(x[0], x[1], None, TAU), triplet)


def test_lengths_do_not_matter(triplet):
    anchor, positive, negative = triplet
    expected = in_batch_contrast(anchor, positive, negative, TAU)
    found = in_batch_contrast(7 * anchor, 0.1 * positive, 3 * negative, TAU)
    torch.testing.assert_close(found, expected)


def test_closed_forms():
    """Equal vectors: log of the number of candidates. One alone: a coin, or nothing to tell."""
    same = torch.ones(B, C)
    torch.testing.assert_close(
        in_batch_contrast(same, same, same, 0.05), torch.full((B,), math.log(B + 1))
    )
    one = same[:1]
    assert in_batch_contrast(one, one, one, 0.05).item() == pytest.approx(math.log(2))
    assert in_batch_contrast(one, one, -one, 0.05).item() == pytest.approx(math.exp(-40), abs=1e-12)
    assert in_batch_contrast(one, one, None, 0.05).item() == 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("size", [300.0, 0.0])
def test_half_precision_is_finite(dtype, size):
    """Squares of 300 overflow fp16; vectors of 0 have no direction."""
    vectors = torch.full((3, B, C), size, dtype=dtype, requires_grad=True)
    loss = in_batch_contrast(*vectors, temperature=0.05)
    loss.sum().backward()
    assert loss.dtype == torch.float32
    assert loss.isfinite().all() and vectors.grad.isfinite().all()


def test_autocast_does_not_round_the_cosines(triplet):
    expected = in_batch_contrast(*triplet.float(), temperature=0.05)
    with torch.autocast("cpu", torch.bfloat16):
        found = in_batch_contrast(*triplet.float(), temperature=0.05)
    assert torch.equal(found, expected)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"\(2, 4\), \(2, 4\) and \(3, 4\)"):
        in_batch_contrast(torch.zeros(2, 4), torch.zeros(2, 4), torch.zeros(3, 4), 0.05)
