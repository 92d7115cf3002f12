import math

import pytest
import torch

from fairseq_cline.losses.alignment import (
    alignment,
    alignment_loss,
    positive_cosine,
    random_pair_terms,
)

B, C = 5, 4


@pytest.fixture
def pairs():
    """Predictions and targets, (B, C) each, in float64."""
    first, second = torch.randn(
        2, B, C, generator=torch.Generator().manual_seed(1), dtype=torch.double
    )
    return first, first + second


def direction(x):
    length = math.sqrt(sum(a * a for a in x))
    return [a / length for a in x]


def squared_distance(x, y):
    """|| x / |x| - y / |y| ||^2: the left side of Eq. 8."""
    return sum((a - b) ** 2 for a, b in zip(direction(x), direction(y), strict=True))


@pytest.mark.parametrize("measure", [alignment_loss, alignment])
def test_equals_the_equation(pairs, measure):
    expected = [squared_distance(p, t) for p, t in zip(*(x.tolist() for x in pairs), strict=True)]
    torch.testing.assert_close(measure(*pairs), torch.tensor(expected, dtype=torch.double))
    cosine = 1 - torch.tensor(expected, dtype=torch.double) / 2
    torch.testing.assert_close(positive_cosine(*pairs), cosine)


def test_gradient(pairs):
    prediction, target = (x.requires_grad_() for x in pairs)
    assert torch.autograd.gradcheck(lambda x: alignment_loss(x, target), [prediction])
    assert torch.autograd.gradcheck(alignment, [prediction, target])


def test_no_gradient_into_the_target(pairs):
    prediction, target = (x.requires_grad_() for x in pairs)
    alignment_loss(prediction, target).sum().backward()
    assert target.grad is None and prediction.grad.ne(0).any()


def test_closed_forms():
    """0 in the same direction, 4 in the opposite one, 2 at a right angle."""
    x = torch.tensor([[3.0, 4.0]])
    for other, expected in ((2 * x, 0.0), (-0.1 * x, 4.0), (torch.tensor([[-4.0, 3.0]]), 2.0)):
        assert alignment_loss(x, other).item() == pytest.approx(expected, abs=1e-6)


def test_symmetric_and_independent_of_lengths(pairs):
    first, second = pairs
    torch.testing.assert_close(alignment_loss(first, second), alignment_loss(second, first))
    torch.testing.assert_close(alignment_loss(first, second), alignment_loss(9 * first, second / 7))


def test_a_split_batch_equals_the_whole(pairs):
    parts = [alignment_loss(*(x[rows] for x in pairs)) for rows in ([0, 1], [2, 3, 4])]
    torch.testing.assert_close(torch.cat(parts), alignment_loss(*pairs))


def test_descent_turns_the_prediction_to_the_target(pairs):
    prediction, target = pairs
    prediction.requires_grad_()
    loss = alignment_loss(prediction, target)
    loss.sum().backward()
    assert (alignment_loss(prediction - 0.01 * prediction.grad, target) < loss).all()


def test_unequal_shapes_are_refused():
    for measure in (alignment_loss, alignment, positive_cosine):
        with pytest.raises(ValueError, match=r"got \(2, 3\) and \(1, 3\)"):
            measure(torch.ones(2, 3), torch.ones(1, 3))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("size", [0.0, 1e-3, 1.0, 6e4])
def test_half_precision_is_finite(pairs, dtype, size):
    """Also for a prediction of length 0 with a target that has one."""
    prediction, target = (size * pairs[0].sign()).to(dtype), pairs[1].to(dtype)
    prediction.requires_grad_()
    loss = alignment_loss(prediction, target)
    assert loss.dtype == torch.float32 and loss.isfinite().all()
    loss.sum().backward()
    assert prediction.grad.isfinite().all()
    assert all(torch.as_tensor(term).isfinite() for term in random_pair_terms(prediction.detach()))


def test_half_precision_is_computed_in_single(pairs):
    half = [x.half() for x in pairs]
    single = [x.float() for x in half]
    assert torch.equal(alignment_loss(*half), alignment_loss(*single))
    assert random_pair_terms(half[0]) == random_pair_terms(single[0])


def test_random_pairs_equal_the_equation(pairs):
    rows = pairs[0].tolist()
    squares = [squared_distance(rows[i], rows[j]) for j in range(B) for i in range(j)]
    cosine, potential, count = random_pair_terms(pairs[0])
    assert count == len(squares) == B * (B - 1) // 2
    assert cosine.item() == pytest.approx(sum(1 - square / 2 for square in squares))
    assert potential.item() == pytest.approx(sum(math.exp(-2 * square) for square in squares))


def test_uniformity_of_collapsed_and_of_spread_vectors():
    """Equal vectors: 0. A simplex of n corners: d^2 = 2n / (n - 1), cosine -1 / (n - 1)."""
    for vectors, square in ((torch.ones(4, 4), 0.0), (torch.eye(4) - 0.25, 8 / 3)):
        cosine, potential, count = random_pair_terms(vectors)
        assert math.log(potential / count) == pytest.approx(-2 * square, abs=1e-6)
        assert cosine.item() / count == pytest.approx(1 - square / 2)


@pytest.mark.parametrize("rows", [0, 1])
def test_no_pairs(rows):
    cosine, potential, count = random_pair_terms(torch.ones(rows, C))
    assert (cosine, potential, count) == (0, 0, 0)
    assert alignment_loss(torch.ones(rows, C), torch.ones(rows, C)).shape == (rows,)
