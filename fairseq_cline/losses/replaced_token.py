"""Replaced-token detection: CLINE (Wang et al., 2021), Eq. 4."""

import torch
import torch.nn.functional as F
from torch import Tensor


def replaced_token_loss(logits: Tensor, labels: Tensor, ignore_index: int = -1) -> Tensor:
    """Binary cross-entropy of "this token was replaced", for each token.

    The same sigmoid judges the tokens of the synonym and of the antonym sentence. (The authors'
    code tells three classes apart.)

    Shape: logits (...), labels (...) with 1 replaced, 0 kept, `ignore_index` neither ->
    (...) in nats, not reduced, 0 where ignored. Computed in float32.

    >>> logits = torch.tensor([0.0, 9.0, 9.0])
    >>> replaced_token_loss(logits, torch.tensor([1, 0, -1]))  # log(2); log(1 + exp(9)); ignored
    tensor([0.6931, 9.0001, 0.0000])

    Raises:
        ValueError: the shapes differ.
    """
    if logits.shape != labels.shape:
        raise ValueError(
            f"one label per token: logits {tuple(logits.shape)}, labels {tuple(labels.shape)}"
        )
    if logits.dtype in (torch.float16, torch.bfloat16):
        logits = logits.float()
    ignored = labels.eq(ignore_index)
    losses = F.binary_cross_entropy_with_logits(
        logits, labels.clamp(min=0).to(logits.dtype), reduction="none"
    )
    return losses.masked_fill(ignored, 0.0)
