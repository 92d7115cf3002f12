"""The projection g of DCL's section 4.1 and its predictor: one hidden layer, as in BYOL."""

from torch import nn

from fairseq_cline.modules.power_norm import PowerNorm

NORMS = ("power", "batch", "none")


def projection_mlp(
    in_channels: int,
    hidden_channels: int,
    out_channels: int,
    norm: str,
    warmup_updates: int = 10_000,
) -> nn.Sequential:
    """Linear, normalization, ReLU, linear: (B, in_channels) -> (B, out_channels).

    >>> import torch
    >>> projection_mlp(8, 16, 4, norm="power")(torch.randn(3, 8)).shape
    torch.Size([3, 4])

    Args:
        norm: "power": power normalization; "batch": batch normalization, with the statistics of
            each worker alone; "none": none (the three of the paper's Figure 3).
        warmup_updates: those of the power normalization.

    Raises:
        ValueError: no such normalization.
    """
    if norm == "power":
        normalization: list[nn.Module] = [PowerNorm(hidden_channels, warmup_updates=warmup_updates)]
    elif norm == "batch":
        normalization = [nn.BatchNorm1d(hidden_channels)]
    elif norm == "none":
        normalization = []
    else:
        raise ValueError(f"normalization must be one of {', '.join(NORMS)}, not {norm}")
    return nn.Sequential(
        nn.Linear(in_channels, hidden_channels),
        *normalization,
        nn.ReLU(),
        nn.Linear(hidden_channels, out_channels),
    )
