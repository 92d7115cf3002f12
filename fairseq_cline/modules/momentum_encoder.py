"""The target network of DCL: a moving average of the online network, Eq. 7."""

import math

import torch
from torch import nn

from fairseq_cline.modules.frozen_copy import FrozenCopy


class MomentumEncoder(FrozenCopy):
    """A copy of a network that follows it slowly and has no gradient.

    It starts with the weights of the online network. Buffers are its own: normalizations gather
    the statistics of what the copy itself computes.

    The copy stays float32 in a half-precision model, since (1 - tau) theta would be rounded away.

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
