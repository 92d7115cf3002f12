"""Alignment of positive pairs and its measures: DCL, Eq. 8; Wang & Isola (2020).

Letters: B examples, C channels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

# The gradient of a direction grows as 1 / length. Vectors shorter than this count as shorter than
# they are, so that it fits into half precision, which ends at 65,504.
SHORTEST = 1e-4


def alignment_loss(prediction: Tensor, target: Tensor) -> Tensor:
    """Eq. 8, `2 - 2 cos(prediction, target)`, for each example; no gradient into the target.

    The loss goes from 0, the same direction, to 4, the opposite one.

    Shape: (B, C), (B, C) -> (B,), not reduced; float32 (float64 for such input).

    >>> prediction = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    >>> target = torch.tensor([[3.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    >>> alignment_loss(prediction, target)
    tensor([0., 2., 4.])

    Raises:
        ValueError: the shapes differ.
    """
    return alignment(prediction, target.detach())


def alignment(first: Tensor, second: Tensor) -> Tensor:
    """Squared distance of the normalized vectors of each pair: Wang & Isola with alpha = 2.

    Shape and errors are those of `alignment_loss`; the gradient goes into both.

    >>> alignment(torch.tensor([[2.0, 0.0]]), torch.tensor([[1.0, 1.0]])).item()  # 2 - sqrt(2)
    0.5857...
    """
    return squared_distance(positive_cosine(first, second))


def squared_distance(cosine: Tensor) -> Tensor:
    """Squared distance of two directions by their cosine: `2 - 2 cos`, from 0 to 4.

    >>> squared_distance(torch.tensor([1.0, 0.0, -1.0]))
    tensor([0., 2., 4.])
    """
    return 2 - 2 * cosine


def positive_cosine(first: Tensor, second: Tensor) -> Tensor:
    """Cosine of each pair: (B, C), (B, C) -> (B,).

    >>> positive_cosine(torch.tensor([[2.0, 0.0]]), torch.tensor([[0.3, 0.4]]))
    tensor([0.6000])

    Raises:
        ValueError: the shapes differ.
    """
    if first.shape != second.shape:
        raise ValueError(
            f"a pair needs equal shapes, got {tuple(first.shape)} and {tuple(second.shape)}"
        )
    return (direction(first) * direction(second)).sum(-1)


def random_pair_terms(features: Tensor) -> tuple[Tensor, Tensor, int]:
    """Sums over all pairs i < j of different examples: (B, C) -> (), () and their number.

    These are sums, so that those of several batches add up.

    >>> features = torch.tensor([[1.0, 0.0], [0.0, 2.0], [-1.0, 0.0]])
    >>> cosines, kernels, pairs = random_pair_terms(features)  # cosines 0, -1 and 0
    >>> round(cosines.item(), 4), pairs
    (-1.0, 3)
    >>> (kernels / pairs).log().item()  # uniformity: log((2 exp(-4) + exp(-8)) / 3)
    -4.3963...

    Returns:
        The sum of cosines, the sum of `exp(-2 d^2)` with the distance d of the normalized
        vectors, and the number of pairs, B (B - 1) / 2. Uniformity (Wang & Isola with t = 2;
        Eq. 6) is the logarithm of the mean of the second.
    """
    squared = F.pdist(direction(features)).square()
    return (1 - squared / 2).sum(), torch.exp(-2 * squared).sum(), squared.numel()


def direction(vectors: Tensor) -> Tensor:
    """Each vector with length 1, in float32 at least: the squares of fp16 overflow.

    >>> direction(torch.tensor([[3.0, 4.0]], dtype=torch.float16))
    tensor([[0.6000, 0.8000]])
    """
    dtype = torch.promote_types(vectors.dtype, torch.float32)
    return F.normalize(vectors.to(dtype), dim=-1, eps=SHORTEST)
