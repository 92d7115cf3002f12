"""The label distance matrix of CLLD (Lan et al., 2021) and its update, Algorithm 1."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from fairseq_cline.modules.float32 import without_rounding


def distances_of(confusion: Tensor, farthest: float) -> Tensor:
    """Distances by how often classes are confused: 1 + (farthest - 1) C_ij / max C, diagonal 1.

    Algorithm 1 takes the counts themselves; these grow with the validation set, so they are
    normalized. On the diagonal they would count what is right, and pull the head into one point.

    >>> distances_of(torch.tensor([[8.0, 4.0], [1.0, 9.0]]), farthest=5.0)
    tensor([[1., 5.],
            [2., 1.]])

    Args:
        confusion: (K, K) float counts, actual classes down, predicted across.
        farthest: distance of the pair that is confused most often.

    Returns:
        (K, K); 1 everywhere when nothing is confused.
    """
    wrong = confusion * (1 - torch.eye(len(confusion), device=confusion.device))
    return 1 + (farthest - 1) * wrong / wrong.max().clamp(min=1)


class LabelDistance(nn.Module):
    """LDM, (K, K), and how it came about; in the checkpoint, and always in single precision.

    Buffers: `matrix`; `updates` that it has seen; `validations` that were counted; `pending`
    (K, K), the confusion matrix that the next update follows, 0 for none. So a checkpoint has the
    distances that its model was trained with.

    >>> distance = LabelDistance(classes=2)
    >>> distance.pending.copy_(torch.tensor([[8.0, 4.0], [1.0, 9.0]]))
    tensor([[8., 4.],
            [1., 9.]])
    >>> distance.follow(farthest=5.0, strength=0.5)
    True
    >>> distance.matrix  # half way from 1 to the distances of the confusion
    tensor([[1.0000, 3.0000],
            [1.5000, 1.0000]])
    """

    matrix: Tensor
    pending: Tensor
    updates: Tensor
    validations: Tensor

    def __init__(self, classes: int):
        super().__init__()
        self.register_buffer("matrix", torch.ones(classes, classes))
        self.register_buffer("pending", torch.zeros(classes, classes))
        self.register_buffer("updates", torch.tensor(0))
        self.register_buffer("validations", torch.tensor(0))

    def start(self, matrix: Tensor) -> None:
        """Begins anew with these distances, (K, K)."""
        self.matrix.copy_(matrix)
        for buffer in (self.pending, self.updates, self.validations):
            buffer.zero_()

    def follow(self, farthest: float, strength: float) -> bool:
        """Moves the matrix towards what is pending; returns whether anything was.

        Args:
            farthest: see `distances_of`.
            strength: epsilon of Algorithm 1, line 10: 0 to 1.
        """
        if not self.pending.any():
            return False
        self.matrix.lerp_(distances_of(self.pending, farthest), strength)
        self.pending.zero_()
        self.updates += 1
        return True

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> nn.Module:
        return super()._apply(without_rounding(fn, self.buffers()), recurse)
