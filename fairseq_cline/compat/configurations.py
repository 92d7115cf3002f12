"""The configuration inside a checkpoint: what of it may decide, when the checkpoint is not yours.

A model is built from this configuration. Here it may choose sizes and switches of reviewed text
models, and nothing that is opened, imported or run: names of files are taken out (the weights are
in the checkpoint), the data folder comes from the user, and other models and tasks are refused.
"""

import argparse
import os
from collections.abc import Iterator, MutableMapping
from typing import Any

from fairseq import models, tasks
from fairseq.models import ARCH_MODEL_REGISTRY, MODEL_REGISTRY
from fairseq.tasks import TASK_REGISTRY
from omegaconf import DictConfig, OmegaConf, open_dict

from data_prep.errors import InputError
from fairseq_cline.compat.patching import Wrapper, patch

# Modules of fairseq whose builders were read: of a configuration they open what FILES names, and
# call eval (see literals.py). A class of another package is the user's own choice.
MODELS = ("bart", "fconv", "fconv_lm", "lightconv", "lightconv_lm", "lstm", "lstm_lm", "masked_lm")
MODELS += ("multilingual_transformer", "nat", "roberta", "transformer", "transformer_align")
MODELS += ("transformer_lm", "xmod")
TASKS = ("cross_lingual_lm", "denoising", "language_modeling", "legacy_masked_lm", "masked_lm")
TASKS += ("multilingual_denoising", "multilingual_masked_lm", "sentence_prediction")
TASKS += ("sentence_prediction_adapters", "sentence_ranking", "span_masked_lm", "translation")
TASKS += ("translation_lev",)

# Options that name a file, which a model starts from or a criterion writes to.
FILES = ("encoder_embed_path", "decoder_embed_path", "embeddings", "pretrained_mlm_checkpoint")
FILES += ("save_predictions", "save_dir", "user_dir")
# The parts of a configuration that models, tasks and losses are built from.
BUILT = ("criterion", "model", "task")


def _entries(part: Any) -> Iterator[tuple[MutableMapping, Any, Any]]:
    """Each (mapping, key, value) of nested mappings and lists."""
    waiting, seen = [part], set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:  # a pickle can hold a list that holds itself
            continue
        seen.add(id(value))
        if isinstance(value, argparse.Namespace):
            value = vars(value)
        if isinstance(value, dict):
            for key, inner in value.items():
                yield value, key, inner
                waiting.append(inner)
        elif isinstance(value, list | tuple):
            waiting += value
            yield from (({}, None, inner) for inner in value if isinstance(inner, str))


def check_configuration(path: str, state: dict[str, Any]) -> None:
    """Raises InputError when a configuration asks for values that are only known here.

    That is omegaconf's ``${...}``, which reads environment variables among others. fairseq writes
    configurations without it.

    Args:
        state: what the checkpoint holds, as it was read.
    """
    for part in ("cfg", "args"):
        content = state.get(part)
        if content is not None and not isinstance(content, dict | argparse.Namespace):
            raise InputError(
                f"{path}: its '{part}' is no configuration but a {type(content).__name__}; give a "
                "checkpoint that fairseq-train has written"
            )
        for _, key, value in _entries(content):
            if any(isinstance(text, str) and "${" in text for text in (key, value)):
                raise InputError(
                    f"{path}: refused, because its configuration refers to values outside of it "
                    f"({str(key)[:40]}: {str(value)[:40]!r}). Get the checkpoint from a source "
                    "that you trust"
                )


def without_files(state: dict[str, Any]) -> None:
    """Takes the names of files out of a checkpoint's configuration, where something is built of it.

    Args:
        state: as ``load_checkpoint_to_cpu`` gives it; changed in place.
    """
    config = state.get("cfg")
    if isinstance(config, DictConfig):
        with open_dict(config):
            for part in BUILT:
                section = OmegaConf.select(config, part)
                if isinstance(section, DictConfig):
                    _clear(section, part)
    if isinstance(state.get("args"), argparse.Namespace):
        _clear(vars(state["args"]), "args")


def _clear(section: MutableMapping, part: str) -> None:
    for key, value in [*section.items()]:
        path_like = isinstance(value, str) and (os.sep in value or "://" in value)
        if (key in FILES and value) or (path_like and part in ("criterion", "model")):
            section[key] = None


def _check_name(kind: str, found: type | None, name: object, known: tuple[str, ...]) -> None:
    root, _, rest = (found.__module__ if found else "").partition(".")
    words = rest.split(".")  # as models.transformer.transformer_legacy
    if found and (root != "fairseq" or (words[0] == f"{kind}s" and words[1] in known)):
        return
    raise InputError(
        f"the checkpoint names the {kind} {name!r}, which is not among those that are safe to build "
        f"from a file: {', '.join(known)}, and this package's own. Without --user-dir "
        "fairseq_cline stock fairseq loads it; do that only if you trust its source"
    )


def build_known_model(stock: Wrapper, cfg: Any, task: Any, from_checkpoint: bool = False) -> Any:
    """Builds a model; of a checkpoint's configuration only if it is a reviewed one.

    Raises:
        InputError: the checkpoint names another model.
    """
    if from_checkpoint:
        name = getattr(cfg, "_name", None) or getattr(cfg, "arch", None)
        found = ARCH_MODEL_REGISTRY.get(name) or MODEL_REGISTRY.get(name)
        _check_name("model", found, name, MODELS)
    return stock(cfg, task, from_checkpoint)


def set_up_known_task(stock: Wrapper, cfg: Any, **kwargs: Any) -> Any:
    """Sets up a task; of a checkpoint's configuration only if it is a reviewed one.

    Raises:
        InputError: the checkpoint names another task.
    """
    if kwargs.get("from_checkpoint"):
        name = getattr(cfg, "_name", None) or getattr(cfg, "task", None)
        _check_name("task", TASK_REGISTRY.get(name), name, TASKS)
    return stock(cfg, **kwargs)


def prepare() -> None:
    """Makes fairseq build only known models and tasks from a checkpoint."""
    patch(models, "build_model", build_known_model)
    patch(tasks, "setup_task", set_up_known_task)
