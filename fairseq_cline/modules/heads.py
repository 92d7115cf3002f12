"""Heads: from the features of the encoder to predictions."""

from torch import Tensor, nn


class ReplacedTokenHead(nn.Module):
    """Logit of "this token was replaced": `w^T h` of CLINE's Eq. 2 and 3, with a bias.

    Shape: features (..., C) -> logits (...).

    >>> import torch
    >>> ReplacedTokenHead(8)(torch.zeros(2, 5, 8)).shape
    torch.Size([2, 5])
    """

    def __init__(self, channels: int):
        super().__init__()
        self.projection = nn.Linear(channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.projection(features)  # (..., 1)
        return logits.squeeze(-1)
