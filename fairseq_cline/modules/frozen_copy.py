"""Copies of a network that have no gradient."""

import contextlib
import copy
from collections.abc import Callable
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from fairseq_cline.modules.float32 import without_rounding


class FrozenCopy(nn.Module):
    """A copy of a network without a gradient.

    The copy stays float32 in a half-precision model. It then computes in that half precision under
    autocast.

    >>> online = nn.Linear(1, 1)
    >>> frozen = FrozenCopy(online)
    >>> _ = nn.init.zeros_(online.weight)
    >>> frozen.network.weight.ne(0).item(), frozen(torch.ones(1, 1)).requires_grad
    (True, False)

    Args:
        online: the network to copy; nothing is shared with it.
    """

    compute_type: Tensor

    def __init__(self, online: nn.Module):
        super().__init__()
        online_type = next(online.parameters())
        self.network = copy.deepcopy(online).float().requires_grad_(False)
        # Goes where the model goes and takes its type, which the copy does not show.
        self.register_buffer("compute_type", online_type.new_empty(0), persistent=False)

    @torch.no_grad()
    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Returns what the copy gives, without a gradient."""
        with self._precision():
            return self.network(*args, **kwargs)

    def _precision(self) -> contextlib.AbstractContextManager:
        dtype = self.compute_type.dtype
        if dtype in (torch.float16, torch.bfloat16):
            return torch.autocast(self.compute_type.device.type, dtype)
        return contextlib.nullcontext()  # leaves an autocast of the caller as it is

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> nn.Module:
        kept = chain(self.network.parameters(), self.network.buffers())
        return super()._apply(without_rounding(fn, kept), recurse)


class ReferenceEncoder(FrozenCopy):
    """A network as it is now: the copy never changes, and has no dropout in training either.

    >>> reference = ReferenceEncoder(nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.9)))
    >>> x = torch.ones(1, 2)
    >>> torch.equal(reference.train()(x), reference(x))
    True
    """

    def __init__(self, online: nn.Module):
        super().__init__(online)
        self.eval()

    def train(self, mode: bool = True) -> "ReferenceEncoder":
        return super().train(False)
