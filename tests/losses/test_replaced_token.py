import math

import pytest
import torch

from fairseq_cline.losses.replaced_token import replaced_token_loss


def loss_from_the_paper(logits, labels):
    """Eq. 4, token by token; the ignored ones (-1) add nothing."""
    result = torch.zeros_like(logits, dtype=torch.float64)
    for row in range(logits.size(0)):
        for column in range(logits.size(1)):
            p = 1 / (1 + math.exp(-logits[row, column].item()))
            label = labels[row, column].item()
            if label >= 0:
                result[row, column] = -label * math.log(p) - (1 - label) * math.log(1 - p)
    return result


@pytest.fixture
def batch():
    torch.manual_seed(0)
    return torch.randn(4, 9, dtype=torch.float64), torch.randint(-1, 2, (4, 9))


def test_equals_the_equation(batch):
    torch.testing.assert_close(replaced_token_loss(*batch), loss_from_the_paper(*batch))


def test_closed_form():
    """No opinion costs log 2 whatever the label is."""
    losses = replaced_token_loss(torch.zeros(2), torch.tensor([0, 1]))
    torch.testing.assert_close(losses, torch.full((2,), math.log(2)))


def test_gradient(batch):
    logits, labels = batch
    logits.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: replaced_token_loss(x, labels), logits)


def test_ignored_tokens_have_no_loss_and_no_gradient(batch):
    logits, labels = batch
    logits.requires_grad_()
    losses = replaced_token_loss(logits, labels)
    losses.sum().backward()
    assert (losses[labels == -1] == 0).all() and (logits.grad[labels == -1] == 0).all()
    assert (logits.grad[labels != -1] != 0).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_extreme_logits_stay_finite(dtype):
    logits = torch.tensor([6e4, -6e4], dtype=dtype, requires_grad=True)
    losses = replaced_token_loss(logits, torch.tensor([0, 1]))
    losses.sum().backward()
    assert losses.dtype == torch.float32
    assert torch.isfinite(losses).all() and torch.isfinite(logits.grad).all()


def test_padding_changes_nothing(batch):
    logits, labels = batch
    longer = torch.cat([logits, torch.full((4, 3), 50.0)], dim=1)
    padded = torch.cat([labels, torch.full((4, 3), -1)], dim=1)
    assert replaced_token_loss(longer, padded).sum() == replaced_token_loss(logits, labels).sum()


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"logits \(2, 3\), labels \(2, 4\)"):
        replaced_token_loss(torch.zeros(2, 3), torch.zeros(2, 4))
