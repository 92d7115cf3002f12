"""A checkpoint of CLINE or DCL as the plain RoBERTa that stock fairseq reads without this plug-in."""

import argparse
from typing import Any

from fairseq.criterions.masked_lm import MaskedLmConfig
from fairseq.tasks.masked_lm import MaskedLMConfig
from omegaconf import OmegaConf

from data_prep.errors import InputError

ARCHITECTURES = ("cline_roberta", "dcl_roberta")
# DCL's momentum network, which is a second encoder, is a part of its alignment.
HEADS = ("rtd_head.", "alignment.", "classification_heads.")
STOCK_SETTINGS = {"arch": "roberta", "_name": "roberta", "task": "masked_lm", "user_dir": None}


def plain_roberta(state: dict[str, Any]) -> dict[str, Any]:
    """The checkpoint of a plain RoBERTa inside the state of one of ours.

    Heads, criterion, optimizer and progress are left out: training starts from it as from a
    released model.

    Raises:
        InputError: the checkpoint is of another model.
    """
    cfg = OmegaConf.to_container(state["cfg"], enum_to_str=True) if state.get("cfg") else {}
    model = cfg.get("model") or {}
    settings = vars(model) if isinstance(model, argparse.Namespace) else model
    if not str(settings.get("arch")).startswith(ARCHITECTURES):
        raise InputError(
            f"the checkpoint's architecture is {settings.get('arch')}; give one that was trained "
            f"with --arch {' or '.join(f'{name}_...' for name in ARCHITECTURES)}"
        )
    settings = {
        key: value
        for key, value in settings.items()
        if isinstance(value, (bool, int, float, str, type(None)))
    }
    # The task of the original names the data; a length is all that masked_lm needs besides.
    task = MaskedLMConfig(
        data=settings["data"], tokens_per_sample=settings["max_positions"], seed=settings["seed"]
    )
    return {
        "args": None,
        "cfg": {
            **cfg,
            "common": {**cfg["common"], "user_dir": None},
            "task": {**_plain(task), "_name": "masked_lm"},
            "criterion": {**_plain(MaskedLmConfig(tpu=False)), "_name": "masked_lm"},
            "model": {**settings, **STOCK_SETTINGS},
        },
        "model": {key: value for key, value in state["model"].items() if not key.startswith(HEADS)},
        "criterion": None,
        "optimizer_history": [
            {
                "criterion_name": "MaskedLmLoss",
                "optimizer_name": "FairseqAdam",
                "lr_scheduler_state": {},
                "num_updates": 0,
            }
        ],
        "task_state": {},
        "extra_state": {"train_iterator": {"epoch": 1, "iterations_in_epoch": 0, "version": 2}},
    }


def _plain(config: Any) -> dict[str, Any]:
    return OmegaConf.to_container(OmegaConf.structured(config), enum_to_str=True)
