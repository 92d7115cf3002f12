"""Triplet loss on dot products: CLINE (Wang et al., 2021), Eq. 5 and 6."""

import torch
import torch.nn.functional as F
from torch import Tensor


def triplet_similarities(
    original: Tensor, synonym: Tensor, antonym: Tensor
) -> tuple[Tensor, Tensor]:
    """Dot products of each original with its synonym and its antonym sentence, in float32.

    Shape: three times (B, C) -> two times (B,); B triplets, C channels.

    The products of hundreds of channels overflow half precision, hence float32 (float64 stays).

    >>> original = torch.tensor([[1.0, 2.0]])
    >>> triplet_similarities(original, torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, -1.0]]))
    (tensor([11.]), tensor([-2.]))

    Raises:
        ValueError: the shapes differ.
    """
    if not original.shape == synonym.shape == antonym.shape:
        raise ValueError(
            "a triplet needs three equal shapes, got "
            f"{tuple(original.shape)}, {tuple(synonym.shape)} and {tuple(antonym.shape)}"
        )
    if original.dtype in (torch.float16, torch.bfloat16):
        original, synonym, antonym = original.float(), synonym.float(), antonym.float()
    return (original * synonym).sum(-1), (original * antonym).sum(-1)


def triplet_loss(positive: Tensor, negative: Tensor) -> Tensor:
    """Negative log-probability that the positive wins against the negative, for each triplet.

    Eq. 6 is `-log(exp(p) / (exp(p) + exp(n)))`. Divided through by `exp(p)` it is
    `softplus(n - p)`, which neither overflows nor loses small values.
    (The authors' code has a binary cross-entropy on a mean of products instead.)

    Shape: (B,), (B,) -> (B,); in nats, not reduced.

    >>> triplet_loss(torch.tensor([11.0, 0.0]), torch.tensor([-2.0, 0.0]))  # won; a tie: log(2)
    tensor([2.2603e-06, 6.9315e-01])
    """
    return F.softplus(negative - positive)
