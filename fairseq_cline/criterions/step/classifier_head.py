"""The input and the output of the head of a classifier.

Letters: B sentences, T tokens, C channels, K classes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn


class Seen:
    """sentence (B, C): the vector that the head reads; logits (B, K)."""

    sentence: Tensor
    logits: Tensor


@contextmanager
def seen_head(model: Any, name: str) -> Iterator[Seen]:
    """Fills in its result in the next forward pass through the head of that name.

    A hook on the head works for every encoder, and within the one `forward` that wrappers for
    distributed training rely on.
    """
    seen = Seen()

    def record(_module: nn.Module, inputs: tuple, output: Tensor) -> None:
        features = inputs[0]  # (B, T, C), the first of them stands for the sentence; BART: (B, C)
        seen.sentence = features[:, 0] if features.dim() == 3 else features
        seen.logits = output

    handle = model.classification_heads[name].register_forward_hook(record)
    try:
        yield seen
    finally:
        handle.remove()
