"""InfoNCE over a batch of triplets: the others' synonym sentences are negatives too.

The form that sentence encoders are trained with (van den Oord et al., 2018; Gao et al., 2021), in
the place of Eq. 6 of CLINE.

Letters: B triplets, C channels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from fairseq_cline.losses.alignment import direction


def in_batch_contrast(
    anchor: Tensor, positive: Tensor, hard_negative: Tensor | None, temperature: float
) -> Tensor:
    """Negative log-probability of an anchor's own positive, for each anchor.

        -log exp(cos(a_i, p_i) / tau) / (sum_j exp(cos(a_i, p_j) / tau) + exp(cos(a_i, n_i) / tau))

    Args:
        anchor: (B, C) vectors of the originals.
        positive: (B, C) vectors of their synonym sentences; those of the others are negatives.
        hard_negative: (B, C) vectors of their antonym sentences; None: they are no negatives.
        temperature: tau > 0.

    >>> anchor = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    >>> in_batch_contrast(anchor, 3 * anchor, -anchor, temperature=0.5)  # log(1 + exp(-2) + exp(-4))
    tensor([0.1429, 0.1429])
    >>> in_batch_contrast(anchor[:1], anchor[:1], None, temperature=0.5).abs()  # no negative
    tensor([0.])

    Returns:
        (B,) in nats, not reduced; float32 (float64 for such input).

    Raises:
        ValueError: the shapes differ.
    """
    hard = anchor if hard_negative is None else hard_negative
    if not anchor.shape == positive.shape == hard.shape:
        raise ValueError(
            "a triplet needs three equal shapes, got "
            f"{tuple(anchor.shape)}, {tuple(positive.shape)} and {tuple(hard.shape)}"
        )
    anchor, positive = direction(anchor), direction(positive)
    # Autocast would take the products in half precision: 2^-9 of a cosine is 0.04 nats at 0.05.
    with torch.autocast(anchor.device.type, enabled=False):
        cosines = anchor @ positive.T  # (B, B)
    if hard_negative is not None:
        own = (anchor * direction(hard_negative)).sum(-1, keepdim=True)
        cosines = torch.cat([cosines, own], dim=1)  # (B, B + 1)
    places = torch.arange(len(anchor), device=anchor.device)
    return F.cross_entropy(cosines / temperature, places, reduction="none")
