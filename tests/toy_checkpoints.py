"""Checkpoints of models that no trainer has seen."""

from pathlib import Path
from typing import Any

import torch
from omegaconf import OmegaConf


def save_checkpoint(
    path: Path, cfg: Any, model: torch.nn.Module, criterion: torch.nn.Module | None = None
) -> Path:
    """Saves a model with its configuration, as the trainer saves it."""
    state = {
        "cfg": OmegaConf.to_container(cfg, resolve=True, enum_to_str=True),
        "args": None,
        "model": model.state_dict(),
        "criterion": {} if criterion is None else criterion.state_dict(),
        "optimizer_history": [{"optimizer_name": "Adam", "lr_scheduler_state": {}}],
        "extra_state": {"train_iterator": {"epoch": 1}},
    }
    torch.save(state, path)
    return path
