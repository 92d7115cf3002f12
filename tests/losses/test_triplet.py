import math

import pytest
import torch

from fairseq_cline.losses.triplet import triplet_loss, triplet_similarities


def loss_from_the_paper(original, synonym, antonym):
    """Eq. 5 and 6 written out, one number at a time."""
    losses = []
    for h, s, a in zip(original.tolist(), synonym.tolist(), antonym.tolist(), strict=True):
        positive = sum(x * y for x, y in zip(h, s, strict=True))
        negative = sum(x * y for x, y in zip(h, a, strict=True))
        losses.append(-math.log(math.exp(positive) / (math.exp(positive) + math.exp(negative))))
    return torch.tensor(losses, dtype=torch.float64)


def test_equals_the_equation():
    torch.manual_seed(0)
    triplet = torch.randn(3, 7, 5, dtype=torch.float64)
    torch.testing.assert_close(
        triplet_loss(*triplet_similarities(*triplet)), loss_from_the_paper(*triplet)
    )


def test_closed_form():
    """Equal similarities are a coin toss; a difference of d costs log(1 + e^-d)."""
    similarity = torch.tensor([1.5, 3.0])
    torch.testing.assert_close(
        triplet_loss(similarity, torch.tensor([1.5, 1.0])),
        torch.tensor([math.log(2), math.log(1 + math.exp(-2))]),
    )


def test_gradient():
    torch.manual_seed(0)
    triplet = torch.randn(3, 4, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: triplet_loss(*triplet_similarities(*x)), triplet)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_products_beyond_half_precision_stay_finite(dtype):
    original = torch.full((2, 1024), 12.0, dtype=dtype, requires_grad=True)
    assert torch.isinf((original * original).sum(-1).to(torch.float16)).all()
    positive, negative = triplet_similarities(original, -original, original)
    loss = triplet_loss(positive, negative)
    loss.sum().backward()
    assert loss.dtype == torch.float32
    assert torch.isfinite(loss).all() and torch.isfinite(original.grad).all()


def test_split_batch_equals_whole_batch():
    torch.manual_seed(0)
    triplet = torch.randn(3, 8, 5)
    whole = triplet_loss(*triplet_similarities(*triplet))
    parts = [triplet_loss(*triplet_similarities(*part)) for part in triplet.split(3, dim=1)]
    torch.testing.assert_close(torch.cat(parts), whole)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"\(2, 4\), \(2, 4\) and \(3, 4\)"):
        triplet_similarities(torch.zeros(2, 4), torch.zeros(2, 4), torch.zeros(3, 4))
