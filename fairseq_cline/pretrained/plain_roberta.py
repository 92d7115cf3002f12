"""The plain RoBERTa in a checkpoint, which stock fairseq reads without this plug-in."""

import argparse
import re
from types import SimpleNamespace
from typing import Any

from fairseq.data import Dictionary
from fairseq.models import ARCH_MODEL_REGISTRY
from fairseq.models.roberta import RobertaModel, base_architecture
from fairseq.utils import get_available_activation_fns
from omegaconf import OmegaConf

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import with_mask
from fairseq_cline.compat.building import building_from, check_buildable, options_of
from fairseq_cline.pretrained.hub_config import STOCK_ROBERTA
from fairseq_cline.pretrained.new_checkpoint import new_checkpoint
from fairseq_cline.pretrained.stored_encoder import (
    HEADS,
    WITHOUT_PLACE,
    check_vocabulary,
    checkpoint_named,
)

_LEFT_OUT = {
    **WITHOUT_PLACE,
    HEADS: "the head for classes",
    "encoder.pooler_": "the pooler",
}
_OF_OTHER_TASKS = {"load_checkpoint_heads", "min_params_to_wrap"}


def plain_roberta(
    path: str, state: dict[str, Any], dictionary: Dictionary
) -> tuple[dict[str, Any], list[str]]:
    """The checkpoint of a plain RoBERTa inside the state of one of the encoder family.

    Its configuration is new: of the old one it has the numbers and switches that RoBERTa's layers
    are made of, and no text but the names of activations. Heads, criterion, optimizer and progress
    are left out: training starts from it as from a released model.

    Args:
        path: the file that the state is from, for messages.
        dictionary: that of its tokenizer, without ``<mask>``.

    Returns:
        The content of the checkpoint, and its parts that are left out, in words.

    Raises:
        InputError: the checkpoint is of another model, of one that stock fairseq's RoBERTa cannot
            express, or lacks its configuration or weights.
    """
    cfg = state.get("cfg")
    settings = options_of(cfg.get("model") if OmegaConf.is_config(cfg) else None)
    _check_stock(path, settings)
    options = {name: settings[name] for name in _names() if _is_plain(name, settings.get(name))}
    positions = options.get("max_positions")
    if not isinstance(positions, int):
        raise InputError(
            f"{path}: its configuration lacks max_positions; give a whole checkpoint, as "
            "fairseq-train writes it"
        )
    check_buildable(path, state)
    left_out = {
        words: start
        for start, words in _LEFT_OUT.items()
        if any(name.startswith(start) for name in state["model"])
    }
    starts = tuple(left_out.values())
    weights = {key: value for key, value in state["model"].items() if not key.startswith(starts)}
    dictionary = with_mask(dictionary)
    with checkpoint_named(path):
        check_vocabulary(dictionary, weights)
    with building_from(path):
        task = SimpleNamespace(source_dictionary=dictionary)
        RobertaModel.build_model(argparse.Namespace(**options), task).load_state_dict({**weights})
    model = {**options, "arch": "roberta", "_name": "roberta"}
    return new_checkpoint(model, weights), [*left_out]


def _check_stock(path: str, settings: dict[str, Any]) -> None:
    """Raises InputError when a model is none of fairseq's RoBERTa, with its heads or without."""
    arch = str(settings.get("arch") or settings.get("_name"))
    if not issubclass(ARCH_MODEL_REGISTRY.get(arch, object), RobertaModel):
        raise InputError(
            f"{path}: its architecture is {arch[:60]}; give a checkpoint of an encoder like RoBERTa "
            "or BERT"
        )
    for name, value in STOCK_ROBERTA.items():
        if settings.get(name, value) != value:
            raise InputError(
                f"{path}: its --{name.replace('_', '-')} is {settings[name]!s:.40}, which stock "
                "fairseq's RoBERTa cannot have; export it with --format huggingface"
            )


def _names() -> list[str]:
    """The options that RoBERTa's parser and its base architecture know."""
    parser = argparse.ArgumentParser(add_help=False)
    RobertaModel.add_args(parser)
    defaults = argparse.Namespace()
    base_architecture(defaults)
    names = {action.dest for action in parser._actions} | set(vars(defaults))
    return sorted(names - _OF_OTHER_TASKS)


def _is_plain(name: str, value: Any) -> bool:
    if isinstance(value, str):
        if name == "encoder_layers_to_keep":
            return re.fullmatch(r"[\d,]*", value) is not None
        return name.endswith("activation_fn") and value in get_available_activation_fns()
    return isinstance(value, bool | int | float)
