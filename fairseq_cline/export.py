"""From a CLINE or DCL checkpoint to a plain RoBERTa one: `python -m fairseq_cline.export IN OUT`.

The result holds the encoder and the vocabulary projection as tensors and everything else as plain
values, so that stock fairseq loads it without this plug-in, also under `weights_only=True`:

    RobertaModel.from_pretrained("folder", "roberta.pt", "data-bin", bpe=...)
    fairseq-train ... --arch roberta_base --restore-file roberta.pt
"""

import argparse
import os
import sys

import torch
from fairseq.checkpoint_utils import load_checkpoint_to_cpu
from fairseq.criterions.masked_lm import MaskedLmConfig
from fairseq.tasks.masked_lm import MaskedLMConfig
from omegaconf import OmegaConf

import fairseq_cline.plugin  # noqa: F401 - registers what a checkpoint may name
from data_prep.errors import InputError

ARCHITECTURES = ("cline_roberta", "dcl_roberta")
# DCL's momentum network, which is a second encoder, is a part of its alignment.
HEADS = ("rtd_head.", "alignment.", "classification_heads.")
STOCK_SETTINGS = {"arch": "roberta", "_name": "roberta", "task": "masked_lm", "user_dir": None}


def export_roberta(state: dict) -> dict:
    """Returns the plain RoBERTa checkpoint inside the state of one of ours.

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


def _plain(config) -> dict:
    return OmegaConf.to_container(OmegaConf.structured(config), enum_to_str=True)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m fairseq_cline.export", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("checkpoint", help="checkpoint of CLINE or DCL pre-training")
    parser.add_argument("output", help="file to write; one that exists is replaced")
    options = parser.parse_args(arguments)

    if not os.path.isfile(options.checkpoint):
        raise InputError(f"{options.checkpoint} is missing; give a checkpoint file")
    folder = os.path.dirname(os.path.abspath(options.output))
    if not os.path.isdir(folder):
        raise InputError(f"{folder} is not a folder; make it first")
    exported = export_roberta(load_checkpoint_to_cpu(options.checkpoint))
    # Under its final name the file is either the old one or whole.
    unfinished = f"{options.output}.tmp"
    try:
        torch.save(exported, unfinished)
        os.replace(unfinished, options.output)
    finally:
        if os.path.exists(unfinished):
            os.remove(unfinished)
    size = os.path.getsize(options.output) / 1e6
    print(f"{options.output}: {len(exported['model'])} tensors, {size:.1f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
