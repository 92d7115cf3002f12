"""Metrics of encoders as pure functions on tensors.

Letters: L layers, B triplets, C channels, N sentences.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

# Share of a sentence vector's length: what is smaller is rounding of a float32 encoder.
ROUNDING = 1e-6


def hits_by_layer(original: Tensor, synonym: Tensor, antonym: Tensor) -> Tensor:
    """Hits of CLINE (section 4.6): cos(original, synonym) > cos(original, antonym).

    A tie is a miss. The comparison is made in float64: cosines of one encoder's sentence vectors
    can differ by less than float32 resolves.

    Args:
        original, synonym, antonym: (L, B, C) sentence vectors of each layer.

    Returns:
        (L, B) bool
    """
    original, synonym, antonym = original.double(), synonym.double(), antonym.double()
    to_synonym = F.cosine_similarity(original, synonym, dim=-1)
    to_antonym = F.cosine_similarity(original, antonym, dim=-1)
    return to_synonym > to_antonym


def contrastive_hits(original: Tensor, synonym: Tensor, antonym: Tensor) -> Tensor:
    """Whether `h_ori·h_syn > h_ori·h_ant`, what CLINE's Eq. 6 trains; a tie is a miss.

    Shape: three of (B, C) -> (B,) bool.
    """
    original, synonym, antonym = original.double(), synonym.double(), antonym.double()
    return (original * synonym).sum(-1) > (original * antonym).sum(-1)


def random_cosines(vectors: Tensor, block: int = 1024) -> Tensor:
    """Cosines of all pairs i < j of different rows: (N, C) -> (N (N - 1) / 2,) float64.

    Args:
        block: rows that are multiplied at a time.
    """
    directions = F.normalize(vectors.double(), dim=-1)
    cosines = []
    for start in range(0, len(directions), block):
        products = directions[start : start + block] @ directions[start:].T  # (block, N - start)
        cosines.append(products[torch.ones_like(products, dtype=torch.bool).triu(1)])
    return torch.cat(cosines).clamp(-1.0, 1.0)


def effective_rank(vectors: Tensor) -> float:
    """Number of directions in which normalized vectors (N, C) differ from their mean.

    Roy & Vetterli (2007): exp of the entropy of the singular values, as shares of their sum. From
    1 to min(N - 1, C); 1 also where all vectors are equal. It grows with N: compare equal N only.
    """
    directions = F.normalize(vectors.double(), dim=-1)
    values = torch.linalg.svdvals(directions - directions.mean(0))
    values = values[values > ROUNDING * math.sqrt(len(vectors))]
    return float(torch.special.entr(values / values.sum()).sum().exp())


def confusion(predicted: Tensor, actual: Tensor, counted: Tensor) -> Tensor:
    """True positives, false positives and false negatives among the counted elements.

    Args:
        predicted, actual, counted: bool tensors of one shape.

    Returns:
        (3,) integer counts; those of several batches can be added.
    """
    predicted, actual = predicted & counted, actual & counted
    return torch.stack(
        [(predicted & actual).sum(), (predicted & ~actual).sum(), (actual & ~predicted).sum()]
    )


def precision_recall_f1(
    true_positives: int, false_positives: int, false_negatives: int
) -> tuple[float, float, float]:
    """Precision, recall and F1 from 0 to 1; 0 where nothing was predicted or nothing is there."""
    precision = true_positives / max(true_positives + false_positives, 1)
    recall = true_positives / max(true_positives + false_negatives, 1)
    errors = false_positives + false_negatives
    return precision, recall, 2 * true_positives / max(2 * true_positives + errors, 1)


def standard_error(share: float, n: int) -> float:
    """Standard error of a share (0 to 1) seen in n independent trials."""
    return math.sqrt(share * (1.0 - share) / n)
