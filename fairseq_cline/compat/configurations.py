"""The configuration inside a checkpoint: what of it may decide, when the checkpoint is not yours.

A model is built from this configuration. Numbers and switches in it are kept, and of its texts
those that `reviewed.py` lists, in the form that is listed there. All others are left out, and with
them every name of a file, a folder, a program and a package: the data folder comes from the user.
"""

import argparse
import functools
from typing import Any

from fairseq.dataclass import FairseqDataclass
from fairseq.dataclass.configs import FairseqConfig
from omegaconf import DictConfig, OmegaConf, open_dict

from data_prep.errors import InputError
from fairseq_cline.compat.reviewed import FIXED, TEXTS

# The parts of a configuration that models, tasks and losses are built from.
BUILT = ("criterion", "model", "task")

_MAX_DEPTH = 8
_LEFT_OUT = object()


def review_configuration(path: str, state: dict[str, Any]) -> dict[str, list[str]]:
    """Leaves of a checkpoint's configuration what was reviewed.

    Args:
        state: what the checkpoint holds, as it was read; changed in place.

    Returns:
        Part of the configuration -> its options whose texts were left out. They are None until
        `drop_left_out`, so that the user can set them.

    Raises:
        InputError: the configuration is none; it holds what no configuration does; or it asks for
            values that are only known here: omegaconf's ``${...}`` reads environment variables
            among others, and fairseq writes configurations without it.
    """
    for part in ("cfg", "args"):
        content = state.get(part)
        if content is not None and not isinstance(content, dict | argparse.Namespace):
            raise InputError(
                f"{path}: its '{part}' is no configuration but a {type(content).__name__}; give a "
                "checkpoint that fairseq-train has written"
            )
    left_out = {}
    if state.get("args") is not None:
        content = _mapping(state["args"])
        values = {key: _reviewed(path, key, value) for key, value in content.items()}
        state["args"] = argparse.Namespace(**_kept(values))
    if state.get("cfg") is not None:
        cfg = state["cfg"] = {**_mapping(state["cfg"])}
        for part, section in cfg.items():
            cfg[part], left_out[part] = _reviewed_part(path, part, section)
    return left_out


def drop_left_out(cfg: DictConfig, left_out: dict[str, list[str]]) -> None:
    """Drops the options that were left out and that the user has not set; they get their defaults.

    Args:
        left_out: from `review_configuration`.
    """
    with open_dict(cfg):
        for part in BUILT:
            section = cfg.get(part)
            if isinstance(section, argparse.Namespace):
                section = vars(section)
            for name in left_out.get(part, ()):
                if section[name] is None:
                    del section[name]


def _mapping(content: dict | argparse.Namespace) -> dict[Any, Any]:
    return vars(content) if isinstance(content, argparse.Namespace) else content


@functools.cache
def _defaults(part: str) -> dict[str, Any]:
    """The defaults of a part that fairseq has in every configuration."""
    kind = getattr(FairseqConfig.__dataclass_fields__.get(part), "type", None)
    if not isinstance(kind, type) or not issubclass(kind, FairseqDataclass):
        return {}
    values = OmegaConf.to_container(OmegaConf.structured(FairseqConfig), enum_to_str=True)
    return {key: value for key, value in values[part].items() if "${" not in str(value)}


def _kept(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in values.items()
        if value is not _LEFT_OUT and (key == "_name" or not key.startswith("_"))
    }


def _reviewed_part(path: str, part: str, section: Any) -> tuple[Any, list[str]]:
    """A part of a configuration, and which of its texts were left out; there is the default, or None."""
    if not isinstance(section, dict | argparse.Namespace):
        value = _reviewed(path, part, section)
        return (None if value is _LEFT_OUT or isinstance(value, str) else value), []
    content = _mapping(section)
    if part not in BUILT and content.get("_name") is not None:
        # An optimizer, a tokenizer, ...: of these only the user's choice is built.
        return None, []
    values = {key: _reviewed(path, key, value) for key, value in content.items()}
    left_out = [key for key, value in values.items() if value is _LEFT_OUT]
    defaults = _defaults(part)
    values = _kept(values | {key: defaults.get(key) for key in left_out})
    is_namespace = isinstance(section, argparse.Namespace)
    return argparse.Namespace(**values) if is_namespace else values, [*values.keys() & left_out]


def _reviewed(path: str, name: Any, value: Any, depth: int = 0) -> Any:
    """The value of an option, as far as it is kept, or _LEFT_OUT."""
    where = f"{str(name)[:40]}: {value if isinstance(value, str) else type(value).__name__:.40}"
    if not isinstance(name, str):
        raise _refusal(path, where, "has a name that is no text")
    if depth > _MAX_DEPTH:
        raise _refusal(path, where, f"is nested more than {_MAX_DEPTH} times")
    if "${" in name or (isinstance(value, str) and "${" in value):
        raise _refusal(path, where, "refers to values outside of it")
    if name in FIXED:
        return FIXED[name]
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return value if name in TEXTS and TEXTS[name].fullmatch(value) else _LEFT_OUT
        case list() | tuple():
            items = [_reviewed(path, name, item, depth + 1) for item in value]
            return _LEFT_OUT if any(item is _LEFT_OUT for item in items) else items
        case dict() | argparse.Namespace():
            content = _mapping(value).items()
            kept = _kept({key: _reviewed(path, key, inner, depth + 1) for key, inner in content})
            return kept if isinstance(value, dict) else argparse.Namespace(**kept)
    raise _refusal(path, where, "holds what no configuration does")


def _refusal(path: str, where: str, what: str) -> InputError:
    return InputError(
        f"{path}: refused, because its configuration {what} ({where!r}). Get the checkpoint from a "
        "source that you trust"
    )
