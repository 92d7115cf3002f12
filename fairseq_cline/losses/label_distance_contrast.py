"""Contrast of sentences by their labels, with distances between classes: CLLD (Lan et al., 2021).

Letters: R rows of a batch (2M in the paper: each example twice), D channels, K classes.
"""

import torch
from torch import Tensor

MIN_NORMS = 1e-8  # xi of Eq. 4


def pairwise_cosine(vectors: Tensor) -> Tensor:
    """Cosines of all pairs of rows: (R, D) -> (R, R); 0 beside a vector of length 0.

    They are float32 (float64 for such input).

    >>> pairwise_cosine(torch.tensor([[2.0, 0.0], [0.0, 1.0], [0.0, 0.0]]))
    tensor([[1., 0., 0.],
            [0., 1., 0.],
            [0., 0., 0.]])
    """
    # Autocast would take the products in half precision, which ends at 65504.
    with torch.autocast(vectors.device.type, enabled=False):
        vectors = vectors.to(torch.promote_types(vectors.dtype, torch.float32))
        norms = vectors.norm(dim=1)
        products = torch.outer(norms, norms)
        # Divided by xi, as printed, next to nothing would get a gradient too large for fp16.
        cosine = vectors @ vectors.T / products.clamp(min=MIN_NORMS)
        return torch.where(products > MIN_NORMS, cosine, 0.0)


def label_distance_loss(
    vectors: Tensor, labels: Tensor, distances: Tensor | None = None, temperature: float = 1.0
) -> Tensor:
    """KL divergence of each row's soft-max over the others from "all of my class, equally".

    Eq. 4 to 8 and 11 to 13: the similarity (cos + 1) / 2 of two rows, times the distance of their
    labels, goes through a soft-max over the other rows. The row itself is taken out after the
    product: before it, a distance of 0 would bring it back.

    With similarities between 0 and 1 the soft-max is nearly flat. When all are equal the loss of a
    row is log((R - 1) / P), for P partners of its class; when partners have similarity 1 and the N
    others 0, it is log(1 + N / (P e)): it cannot reach 0. A temperature below 1 mends that.

    Args:
        vectors: (R, D) what the head makes of the sentences.
        labels: (R,) class indices.
        distances: (K, K), 1 on the diagonal; None: 1 everywhere.
        temperature: divides the products; > 0 (1 in the paper).

    >>> vectors = torch.tensor([[1.0, 0.0], [2.0, 0.0], [-1.0, 0.0]])
    >>> labels = torch.tensor([0, 0, 1])
    >>> label_distance_loss(vectors, labels)  # log(1 + 1 / e) twice; the third has no partner
    tensor([0.3133, 0.3133, 0.0000])

    Returns:
        (R,) losses; 0 for a row without a partner.
    """
    similarity = (pairwise_cosine(vectors) + 1) / 2
    if distances is not None:
        similarity = similarity * distances.to(similarity)[labels][:, labels]
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    logits = (similarity / temperature).masked_fill(itself, -torch.inf)
    partner = labels.unsqueeze(1).eq(labels) & ~itself  # t of Eq. 6
    count = partner.sum(dim=1)
    of_partners = (similarity / temperature * partner).sum(dim=1) / count.clamp(min=1)
    loss = logits.logsumexp(dim=1) - of_partners - count.clamp(min=1).log()
    return torch.where(count > 0, loss, 0.0)


def class_cosines(vectors: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Cosines within and between classes: sum and number of each, over ordered pairs of rows.

    Means near 1 of both kinds say that the head has collapsed.

    >>> vectors = torch.tensor([[1.0, 0.0], [2.0, 0.0], [-1.0, 0.0]])
    >>> same, same_pairs, other, other_pairs = class_cosines(vectors, torch.tensor([0, 0, 1]))
    >>> same.item(), same_pairs.item(), other.item(), other_pairs.item()
    (2.0, 2, -4.0, 4)
    """
    cosine = pairwise_cosine(vectors)
    same = labels.unsqueeze(1).eq(labels)
    other = ~same
    same = same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    return (cosine * same).sum(), same.sum(), (cosine * other).sum(), other.sum()
