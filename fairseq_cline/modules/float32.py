"""Tensors that stay in single precision when the rest of a model goes to half precision."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor


def without_rounding(
    convert: Callable[[Tensor], Tensor], tensors: Iterable[Tensor]
) -> Callable[[Tensor], Tensor]:
    """`convert`, except that `tensors` are moved to its device but not to half precision.

    A module's `_apply` needs it, through which `.half()`, `.bfloat16()`, `.to()` and `.cuda()` go.
    So sums of many small steps stay right: in fp16, 1 + 1e-4 is 1.

    >>> mean, weight = torch.ones(2), torch.ones(2)
    >>> convert = without_rounding(Tensor.half, [mean])
    >>> convert(mean).dtype, convert(weight).dtype
    (torch.float32, torch.float16)
    """
    kept = {id(tensor) for tensor in tensors}

    def converted(tensor: Tensor) -> Tensor:
        result = convert(tensor)
        if id(tensor) in kept and result.dtype in (torch.float16, torch.bfloat16):
            return tensor.to(result.device)
        return result

    return converted
