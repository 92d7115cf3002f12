"""Power normalization (Shen et al., 2020): DCL, Eq. 9.

Letters: B rows, C channels; psi quadratic mean, nu running mean of the gradient along the output.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from fairseq_cline.modules.float32 import without_rounding


class PowerNorm(nn.Module):
    """Divides each channel by a running quadratic mean: Algorithm 2 of Shen et al.

        X^ = X / psi(t-1),  Y = gamma X^ + beta
        psi(t)^2 = psi(t-1)^2 + (1 - alpha) (psi_B^2 - psi(t-1)^2)

    where psi_B^2 is the mean square of the batch. The gradient goes through psi(t-1) as if it
    were that of the batch, with a running mean in place of the batch's own term:

        dL/dX = (dL/dX^ - nu(t-1) X^) / psi(t-1)
        nu(t) = nu(t-1) (1 - (1 - alpha) Gamma) + (1 - alpha) Lambda
        Lambda = mean of dL/dX^ X^ over the batch,  Gamma = mean of X^ X^

    Warm-up: the first training forwards divide by psi_B and have its exact gradient (which is
    the above with Lambda in place of nu), while psi and nu gather. psi^2 is there the plain mean of
    the first 1 / (1 - alpha) batches, then the exponential one: its start, 1, has no part in it.

    In evaluation mode this is a linear map by psi, with the plain gradient.

    All workers of a `torch.distributed` run have the same statistics, those of their rows
    together. So each of them must call forward, and backward, as often as the others.

    A training forward takes one step of psi, also without gradients; a backward takes one step
    of nu, at the time at which it runs, with the X^ and psi of its own forward. So several
    forwards may come before their backwards. A forward that is run again, as by gradient
    checkpointing, counts as one more, like with torch's batch normalization.

    psi and nu stay float32 in a half-precision model, and what is computed is. A batch that is
    empty, or not finite, leaves them as they are: nothing else would ever make them finite again.
    nu has the scale of the loss as it is without `loss_scale`, by which fp16 training multiplies it
    before a backward pass and which it changes.

    The authors' code divides the gradient by psi_B also after the warm-up, and has a scaling by
    groups of channels in front. Neither is in the algorithm, nor here.

    Args:
        channels: C.
        forward_momentum: alpha of psi, in [0, 1) (paper and authors' code: 0.9).
        backward_momentum: alpha of nu, in [0, 1) (likewise).
        warmup_updates: number of training forwards of the warm-up (authors' code: 10,000).
        eps: added to the mean squares (authors' code).

    Attributes:
        loss_scale: factor of the loss in the backward passes of the forwards to come.

    Shape: (B, C) -> (B, C), of the input's type.

    >>> norm = PowerNorm(channels=2, warmup_updates=10)
    >>> x = torch.tensor([[3.0, 1.0], [3.0, -1.0]])
    >>> norm(x).round(decimals=3).tolist()  # divided by the root of the mean square, 3 and 1
    [[1.0, 1.0], [1.0, -1.0]]
    >>> norm.eval()(2 * x).round(decimals=3).tolist()  # by that of the training
    [[2.0, 2.0], [2.0, -2.0]]
    """

    psi_squared: Tensor
    nu: Tensor
    updates: Tensor
    loss_scale: float = 1.0

    def __init__(
        self,
        channels: int,
        forward_momentum: float = 0.9,
        backward_momentum: float = 0.9,
        warmup_updates: int = 10_000,
        eps: float = 1e-5,
    ):
        super().__init__()
        self.forward_momentum = forward_momentum
        self.backward_momentum = backward_momentum
        self.warmup_updates = warmup_updates
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("psi_squared", torch.ones(channels))
        self.register_buffer("nu", torch.zeros(channels))
        self.register_buffer("updates", torch.zeros((), dtype=torch.long))

    def forward(self, x: Tensor) -> Tensor:
        values = x.to(torch.promote_types(x.dtype, torch.float32))
        if self.training:
            psi, warm = self._step(values.detach())
            rate = 1 - self.backward_momentum
            normalized: Tensor = _Normalize.apply(values, psi, warm, self.nu, rate, self.loss_scale)
        else:
            normalized = values / (self.psi_squared + self.eps).sqrt()
        return (self.weight * normalized + self.bias).to(x.dtype)

    @torch.no_grad()
    def _step(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Takes a batch into psi; returns the psi (C,) to divide it by, and whether warming up."""
        (batch,) = _mean_over_workers(x.square())
        self.updates += 1
        # Tensors, no Python numbers: for those a GPU would have to be waited for.
        warm = self.updates <= self.warmup_updates
        psi = (torch.where(warm, batch, self.psi_squared) + self.eps).sqrt()
        least = 1 - self.forward_momentum
        cumulative = 1 / self.updates.to(self.psi_squared.dtype)
        rate = torch.where(warm, cumulative.clamp(min=least), least)
        # So written that rate 1 leaves nothing, not even rounding, of the value before.
        mean = (1 - rate) * self.psi_squared + rate * batch
        _set_where_finite(self.psi_squared, mean)
        return psi, warm

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> nn.Module:
        return super()._apply(without_rounding(fn, self.buffers()), recurse)


class _Normalize(torch.autograd.Function):
    """X / psi with the backward of Algorithm 2, which moves nu."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, psi: Tensor, warm: Tensor, nu: Tensor, rate: float, scale: float
    ) -> Tensor:
        normalized = x / psi
        ctx.save_for_backward(normalized, psi, warm)
        # Not a saved tensor: the backward of another forward may change it before this one's.
        ctx.nu, ctx.rate, ctx.scale = nu, rate, scale
        return normalized

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        normalized, psi, warm = ctx.saved_tensors
        along, square = _mean_over_workers(gradient * normalized, normalized.square())
        nu, scale = ctx.nu, ctx.scale
        input_gradient = (gradient - torch.where(warm, along, nu * scale) * normalized) / psi
        _set_where_finite(nu, nu * (1 - ctx.rate * square) + ctx.rate * along / scale)
        return input_gradient, None, None, None, None, None


def _mean_over_workers(*rows: Tensor) -> tuple[Tensor, ...]:
    """Means over the rows of all workers: each (B, C) -> (C,); not a number if there are none."""
    count = rows[0].new_tensor([len(rows[0])])
    sums = torch.cat([*(values.sum(0) for values in rows), count])
    if dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1:
        dist.all_reduce(sums)
    return (sums[:-1] / sums[-1]).chunk(len(rows))


def _set_where_finite(statistic: Tensor, value: Tensor) -> None:
    statistic.copy_(torch.where(value.isfinite(), value, statistic))
