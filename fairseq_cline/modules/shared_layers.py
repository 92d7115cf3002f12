"""One layer in the place of many: cross-layer parameter sharing of ALBERT (Lan et al., 2020)."""

from collections.abc import Iterator
from itertools import repeat

from torch import nn


class SharedLayers(nn.ModuleList):
    """A list of one layer that a loop runs through several times.

    The layer is registered once. So it is once in the parameters and in the checkpoint, which
    thus fits every number of passes; its gradient is the sum over the passes.

    >>> layers = SharedLayers(nn.Linear(2, 2), passes=12)
    >>> len(list(layers)), sum(weight.numel() for weight in layers.parameters())
    (12, 6)

    Args:
        layer: what each pass uses.
        passes: number of passes, the depth of the network.
    """

    def __init__(self, layer: nn.Module, passes: int):
        super().__init__([layer])
        self.passes = passes

    def __iter__(self) -> Iterator[nn.Module]:
        return repeat(self[0], self.passes)
