"""One vector for a sentence, of the features of its tokens."""

import torch
from torch import Tensor

SENTENCE_FEATURES = ("cls", "mean")


def sentence_feature(features: Tensor, is_token: Tensor, kind: str) -> Tensor:
    """The features of the first token, or the mean of those of all tokens.

    The mean is taken in float32, since half precision cannot add hundreds of tokens.

    >>> features = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [9.0, 9.0]]])
    >>> is_token = torch.tensor([[True, True, False]])
    >>> sentence_feature(features, is_token, "cls"), sentence_feature(features, is_token, "mean")
    (tensor([[1., 2.]]), tensor([[2., 3.]]))

    Args:
        features: (B, T, C); B sentences, T tokens, C channels.
        is_token: (B, T) bool, False at padding; at least one True in a row.
        kind: one of `SENTENCE_FEATURES`.

    Returns:
        (B, C) in the type of `features`.

    Raises:
        ValueError: no such kind.
    """
    if kind == "cls":
        return features[:, 0]
    if kind != "mean":
        raise ValueError(f"kind must be one of {', '.join(SENTENCE_FEATURES)}, not {kind}")
    dtype = torch.promote_types(features.dtype, torch.float32)
    weights = is_token.unsqueeze(-1).to(dtype)  # (B, T, 1)
    mean: Tensor = (features.to(dtype) * weights).sum(1) / weights.sum(1)
    return mean.to(features.dtype)
