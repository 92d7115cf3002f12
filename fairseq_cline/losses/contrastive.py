"""Contrast of an anchor with its perturbed self and with negatives: Eq. 6 of ATCL.

Letters: K anchors, n negatives an anchor, C channels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def contrastive_loss(
    anchor: Tensor,
    positive: Tensor,
    negatives: Tensor,
    temperature: float,
    valid: Tensor | None = None,
    positive_in_denominator: bool = False,
) -> Tensor:
    """`-log exp(cos(a, p) / tau) / sum_n exp(cos(a, n) / tau)`, for each anchor.

    The printed equation has no positive in its denominator, so it is not bounded below by 0:
    its least value is log(n) - 2 / tau. With the positive there it is the usual InfoNCE.

    Args:
        anchor: (K, C) states.
        positive: (K, C) states of the same places after the perturbation.
        negatives: (K, n, C) states.
        temperature: tau > 0 (paper: 0.07).
        valid: (K, n) bool, which negatives there are; by default all.
        positive_in_denominator: adds exp(cos(a, p) / tau) to the sum.

    >>> anchor = torch.tensor([[1.0, 0.0]])
    >>> positive = torch.tensor([[2.0, 0.0]])
    >>> negatives = torch.tensor([[[0.0, 1.0], [0.0, 3.0]]])
    >>> contrastive_loss(anchor, positive, negatives, temperature=0.5).item()  # log(2) - 1 / 0.5
    -1.3068...
    >>> contrastive_loss(
    ...     anchor, positive, negatives, temperature=0.5, positive_in_denominator=True
    ... ).item()  # log(2 + exp(2)) - 2
    0.2395...

    Returns:
        (K,) losses in float32 (float64 for such input); 0 for an anchor without any negative.
    """
    dtype = torch.promote_types(anchor.dtype, torch.float32)
    anchor, positive, negatives = (x.to(dtype) for x in (anchor, positive, negatives))
    similar = F.cosine_similarity(anchor, positive, dim=-1) / temperature  # (K,)
    others = F.cosine_similarity(anchor.unsqueeze(1), negatives, dim=-1) / temperature  # (K, n)
    if valid is None:
        valid = torch.ones_like(others, dtype=torch.bool)
    # Below every value that counts, and finite: so are all gradients, of absent negatives too.
    absent = -100.0 / temperature
    others = others.masked_fill(~valid, absent)
    if positive_in_denominator:
        others = torch.cat([others, similar.unsqueeze(1)], dim=1)
    has_any = valid.any(dim=1)
    if not others.size(1):
        return similar * has_any  # all 0
    return torch.where(has_any, others.logsumexp(dim=1) - similar, 0.0)
