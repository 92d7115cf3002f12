"""A checkpoint of CLINE or DCL as the plain RoBERTa that stock fairseq reads without this plug-in."""

import argparse
import re
from types import SimpleNamespace
from typing import Any

from fairseq.data import Dictionary
from fairseq.models.roberta import RobertaModel, base_architecture
from fairseq.utils import get_available_activation_fns
from omegaconf import OmegaConf

from data_prep.errors import InputError
from fairseq_cline.compat.building import building_from, check_buildable
from fairseq_cline.pretrained.new_checkpoint import new_checkpoint

ARCHITECTURES = ("cline_roberta", "dcl_roberta")
# DCL's momentum network, which is a second encoder, is a part of its alignment.
HEADS = ("rtd_head.", "alignment.", "classification_heads.")
TABLE = "encoder.sentence_encoder.embed_tokens.weight"  # a row for each symbol
_OF_OTHER_TASKS = {"load_checkpoint_heads", "min_params_to_wrap"}


def plain_roberta(path: str, state: dict[str, Any]) -> dict[str, Any]:
    """The checkpoint of a plain RoBERTa inside the state of one of ours.

    Its configuration is new: of the old one it has the numbers and switches that RoBERTa's layers
    are made of, and no text but the names of activations. Heads, criterion, optimizer and progress
    are left out: training starts from it as from a released model.

    Args:
        path: the file that the state is from, for messages.

    Raises:
        InputError: the checkpoint is of another model, or lacks its configuration or weights.
    """
    settings = _settings(state.get("cfg"))
    if not str(settings.get("arch")).startswith(ARCHITECTURES):
        raise InputError(
            f"{path}: its architecture is {str(settings.get('arch'))[:60]}; give one that was "
            f"trained with --arch {' or '.join(f'{name}_...' for name in ARCHITECTURES)}"
        )
    options = {name: settings[name] for name in _names() if _is_plain(name, settings.get(name))}
    positions = options.get("max_positions")
    if not isinstance(positions, int):
        raise InputError(
            f"{path}: its configuration lacks max_positions; give a whole checkpoint, as "
            "fairseq-train writes it"
        )
    check_buildable(path, state)
    weights = {key: value for key, value in state["model"].items() if not key.startswith(HEADS)}
    _check_fits(path, options, weights)
    return new_checkpoint({**options, "arch": "roberta", "_name": "roberta"}, weights)


def _check_fits(path: str, options: dict[str, Any], weights: dict[str, Any]) -> None:
    """Raises InputError when these weights are not those of the RoBERTa with these options."""
    with building_from(path):
        dictionary = Dictionary()
        for number in range(len(weights.get(TABLE, ())) - len(dictionary)):
            dictionary.add_symbol(f"symbol{number}")
        task = SimpleNamespace(source_dictionary=dictionary)
        RobertaModel.build_model(argparse.Namespace(**options), task).load_state_dict({**weights})


def _settings(cfg: Any) -> dict[str, Any]:
    """The options of the model in a configuration; none when it has no such part."""
    model = cfg.get("model") if OmegaConf.is_config(cfg) else None
    if isinstance(model, argparse.Namespace):
        return vars(model)
    return OmegaConf.to_container(model) if OmegaConf.is_config(model) else {}


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
