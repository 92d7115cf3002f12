"""The target network of DCL: a moving average of the online network, Eq. 7."""

import contextlib
import copy
import math
from collections.abc import Callable
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from fairseq_cline.modules.float32 import without_rounding


class MomentumEncoder(nn.Module):
    """A copy of a network that follows it slowly and has no gradient.

    It starts with the weights of the online network. Buffers are its own: normalizations gather
    the statistics of what the copy itself computes.

    The copy stays float32 in a half-precision model, since (1 - tau) theta would be rounded away.
    It then computes in that half precision under autocast.

    >>> online = nn.Linear(1, 1, bias=False)
    >>> target = MomentumEncoder(online)
    >>> with torch.no_grad():
    ...     _ = target.network.weight.fill_(0.0), online.weight.fill_(1.0)
    >>> target.update(online, momentum=0.75)
    >>> target(torch.ones(1, 1))
    tensor([[0.2500]])

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
    def update(self, online: nn.Module, momentum: float) -> None:
        """Takes a step of Eq. 7: `xi <- tau xi + (1 - tau) theta`.

        Args:
            online: the network that was copied, with parameters theta.
            momentum: tau, in [0, 1].

        Raises:
            ValueError: the parameters are of other names or shapes, or tau is out of range.
        """
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum must be from 0 to 1, not {momentum}")
        target, source = dict(self.network.named_parameters()), dict(online.named_parameters())
        shapes = [{name: p.shape for name, p in side.items()} for side in (target, source)]
        if shapes[0] != shapes[1]:
            differing = sorted(name for name, _ in shapes[0].items() ^ shapes[1].items())
            raise ValueError(f"not the network that was copied: {differing[0]} differs")
        for name, xi in target.items():
            xi.lerp_(source[name].to(xi.dtype), 1 - momentum)

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


def momentum_at(update: int, total: int, base: float) -> float:
    """tau after some updates, from `base` up to 1 along a cosine: BYOL (Grill et al., 2020).

        1 - (1 - base) (cos(pi k / K) + 1) / 2

    >>> [round(momentum_at(update, total=100, base=0.5), 2) for update in (0, 50, 100, 200)]
    [0.5, 0.75, 1.0, 1.0]

    Args:
        update: k; from K on, tau is 1.
        total: K > 0, the length of the training.
        base: tau at the start, in [0, 1].

    Raises:
        ValueError: K is not positive.
    """
    if total <= 0:
        raise ValueError(f"the number of updates in all must be positive, not {total}")
    progress = min(update / total, 1.0)
    return 1 - (1 - base) * (math.cos(math.pi * progress) + 1) / 2
