"""Sizes of an encoder from the checkpoint that a training starts from, so that nobody types them."""

import argparse
import os
from typing import Any

from fairseq import checkpoint_utils
from fairseq.models import ARCH_CONFIG_REGISTRY, ARCH_MODEL_REGISTRY
from fairseq.models.roberta import RobertaModel
from fairseq.utils import get_available_activation_fns
from omegaconf import OmegaConf

from data_prep.errors import InputError
from fairseq_cline.compat.building import building_from, is_building, options_of
from fairseq_cline.model_bases.encoder_switches import (
    CHOICES,
    OF_BERT,
    fill_in,
    roberta_architecture,
)

LAST = "checkpoint_last.pt"
_NUMBERS = ("encoder_layers", "encoder_embed_dim", "encoder_ffn_embed_dim")
_NUMBERS += ("encoder_attention_heads", "max_positions", "token_types", "layer_norm_eps")
_NUMBERS += ("dropout", "attention_dropout", "activation_dropout", "pooler_dropout")
_SWITCHES = ("encoder_normalize_before", "layernorm_embedding", "untie_weights_roberta")
_SWITCHES += ("share_layers", "pooler", "fresh_masked_lm")
_TEXTS = CHOICES | dict.fromkeys(
    ("activation_fn", "pooler_activation_fn"), get_available_activation_fns()
)
NAMES = (*_NUMBERS, "embedding_dim", *_SWITCHES, *_TEXTS)


def bert_architecture(args: argparse.Namespace) -> None:
    """The encoder of the file that the training starts from; without one that of BERT-base.

    Raises:
        InputError: as `fill_in_from_file`.
    """
    fill_in_from_file(args)
    fill_in(args, **OF_BERT)
    roberta_architecture(args)


def fill_in_from_file(args: argparse.Namespace) -> None:
    """Sets what the user has left open to what the checkpoint has that the training starts from.

    Nothing happens where there is none, or where all is set. A model that is built from a
    checkpoint's configuration opens no file either.

    Raises:
        InputError: the file is missing, or no checkpoint of such an encoder.
    """
    path = None if is_building() else starting_checkpoint(args)
    if path is not None and any(name not in args for name in NAMES):
        fill_in(args, **encoder_options_of(path))


def starting_checkpoint(args: argparse.Namespace) -> str | None:
    """The checkpoint that fairseq-train would start from with these arguments; None: from nothing."""
    options = vars(args) if isinstance(args, argparse.Namespace) else _of_run(args)
    restore = options.get("restore_file")
    if restore not in (None, LAST):
        return restore
    if restore == LAST:
        last = os.path.join(options.get("save_dir") or "", LAST)
        if os.path.isfile(last):
            return last
    return options.get("continue_once") or options.get("finetune_from_model")


def _of_run(model: Any) -> dict[str, Any]:
    """The options of a hydra run about checkpoints, of which the options of a model are a part."""
    return OmegaConf.to_container(model._get_root().get("checkpoint") or OmegaConf.create())


def encoder_options_of(path: str) -> dict[str, Any]:
    """The options of the encoder in a checkpoint: numbers, switches and listed texts, nothing else.

    Raises:
        InputError: the file is missing or no whole and harmless checkpoint, or its model is no
            encoder of this kind.
    """
    with building_from(path):
        state = checkpoint_utils.load_checkpoint_to_cpu(path)
    settings = state["cfg"].model
    if OmegaConf.is_config(settings):
        settings = argparse.Namespace(**OmegaConf.to_container(settings))
    arch = str(getattr(settings, "_name", None) or getattr(settings, "arch", None))
    if not issubclass(ARCH_MODEL_REGISTRY.get(arch, object), RobertaModel):
        raise InputError(
            f"{path}: its model ({arch[:60]}) is no encoder like BERT or RoBERTa; give the model.pt "
            "of `python -m fairseq_cline.import_encoder`, or a checkpoint of --arch roberta_base, "
            "bert, cline_... or dcl_..."
        )
    ARCH_CONFIG_REGISTRY[arch](settings)  # what older checkpoints leave to their architecture
    roberta_architecture(settings)
    options = {name: getattr(settings, name) for name in NAMES if name in settings}
    options["fresh_masked_lm"] = has_fresh_masked_lm(state)
    for name, value in options.items():
        if not _is_of_its_kind(name, value):
            raise InputError(
                f"{path}: its configuration cannot be read ({name} is {value!s:.40}); give a whole "
                "checkpoint, as fairseq-train writes it"
            )
    return options


def has_fresh_masked_lm(state: dict[str, Any]) -> bool:
    """Whether the masked-LM head in a checkpoint is one that an import made and nothing has trained."""
    model, criterion = (options_of(state["cfg"].get(part)) for part in ("model", "criterion"))
    trains_it = criterion.get("_name") == "masked_lm" or criterion.get("mlm_weight", 0) > 0
    updates = state["optimizer_history"][-1].get("num_updates", 0)
    return bool(model.get("fresh_masked_lm")) and not (updates and trains_it)


def _is_of_its_kind(name: str, value: Any) -> bool:
    if name in _SWITCHES:
        return isinstance(value, bool)
    if name in _TEXTS:
        return value in _TEXTS[name]
    if value is None:
        return name == "embedding_dim"
    return isinstance(value, int | float) and not isinstance(value, bool)
