"""Maps of sentences and their changed versions in the plane; importing it needs scikit-learn.

A map is drawn as large as the page whatever the distances were: it does not show a collapse.
"""

import torch
import torch.nn.functional as F
from sklearn.manifold import TSNE
from torch import Tensor


def sentence_map(original: Tensor, perturbed: Tensor, seed: int) -> Tensor:
    """t-SNE (van der Maaten & Hinton, 2008) of the directions of both, in one map.

    Args:
        original, perturbed: (N, C) vectors; row i of the one is a version of row i of the other.
        seed: of the optimization.

    Returns:
        (2, N, 2) points of the originals, then of the perturbed ones.
    """
    vectors = F.normalize(torch.cat([original, perturbed]).double(), dim=-1)
    tsne = TSNE(
        # Neighbors that a point looks at: the usual 30, but fewer than there are.
        perplexity=min(30.0, (len(vectors) - 1) / 3),
        init="pca",
        random_state=seed,
    )
    return torch.from_numpy(tsne.fit_transform(vectors.numpy())).view(2, len(original), 2)


def pair_distance(points: Tensor) -> float:
    """Mean distance of the two points of a pair over that of two originals.

    What the eye compares on a map: near 0 for an encoder that keeps pairs together and sentences
    apart, 1 for one that takes a version for any other sentence.

    Args:
        points: (2, N, 2) as from `sentence_map`.
    """
    original, perturbed = points.double()
    return float((original - perturbed).norm(dim=-1).mean() / F.pdist(original).mean())
