"""Learned task weights by homoscedastic uncertainty (Kendall et al., 2018)."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from fairseq_cline.modules.float32 import without_rounding


class UncertaintyWeighting(nn.Module):
    """One learned log-variance `s_i` a task: `exp(-s_i) L_i + s_i`.

    A hard task raises its `s_i` and so lowers its own weight `exp(-s_i)`; the second term keeps
    the weight from falling to zero. The weights are positive and need no clamp (the authors'
    code of CLINE has one). All starts at weight 1.

    `s_i` stays float32 in a half-precision model: its gradient is a loss summed over a batch, which
    fp16 cannot hold once training multiplies it.

    >>> weighting = UncertaintyWeighting(tasks=2)
    >>> _ = weighting.log_variance.data.copy_(torch.tensor([1.0, 4.0]).log())
    >>> weighting.weights().detach()
    tensor([1.0000, 0.2500])
    >>> weighting(torch.tensor([3.0, 8.0])).detach()  # 1 * 3 + 0 and 8 / 4 + log(4)
    tensor([3.0000, 3.3863])

    Args:
        tasks: number of tasks K.
    """

    def __init__(self, tasks: int):
        super().__init__()
        self.log_variance = nn.Parameter(torch.zeros(tasks))

    def weights(self) -> Tensor:
        """The current `exp(-s_i)`: (K,), float32."""
        return torch.exp(-self.log_variance)

    def forward(self, losses: Tensor, units: Tensor | float = 1.0) -> Tensor:
        """The weighted loss of each task, not summed: (K,) -> (K,), float32.

        Args:
            losses: each task's loss, a mean multiplied by `units`.
            units: what `losses` were multiplied by; `s_i` must be too, or its optimum would
                depend on the size of the batch.
        """
        return self.weights() * losses.float() + units * self.log_variance

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> nn.Module:
        return super()._apply(without_rounding(fn, self.parameters()), recurse)
