"""Models that are built from checkpoints: only reviewed ones, and one line for what is no model."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from fairseq import checkpoint_utils, criterions, models, tasks
from fairseq.criterions import CRITERION_DATACLASS_REGISTRY, CRITERION_REGISTRY
from fairseq.dataclass.utils import merge_with_parent
from fairseq.models import (
    ARCH_MODEL_NAME_REGISTRY,
    ARCH_MODEL_REGISTRY,
    MODEL_DATACLASS_REGISTRY,
    MODEL_REGISTRY,
)
from fairseq.tasks import TASK_DATACLASS_REGISTRY, TASK_REGISTRY
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from data_prep.errors import InputError
from data_prep.files.name_lists import listed
from fairseq_cline.compat import learned_criterions
from fairseq_cline.compat.odd_content import in_words
from fairseq_cline.compat.patching import Wrapper, patch
from fairseq_cline.compat.reviewed import CRITERIONS, MODELS, TASKS
from fairseq_cline.compat.stock_options import check_sizes

_HEAD = "classification_head_name"

# Whether what is built now is built from a checkpoint: not every builder of fairseq passes that on.
_from_checkpoint = ContextVar("from_checkpoint", default=False)
# The beginning of a message about the task that was made last: the checkpoint that it is from.
_task_is_from = ContextVar("task_is_from", default="")


@contextmanager
def building_from(*paths: str) -> Iterator[None]:
    """Builds models of checkpoints: of reviewed kinds, and with one line for what goes wrong.

    ``with building_from(path): ...`` around all that reads the configuration of a checkpoint.

    Raises:
        InputError: for what the content of a checkpoint has caused; it names the file.
    """
    token = _from_checkpoint.set(True)
    names = ", ".join(paths)
    try:
        yield
    except InputError as error:
        if any(path in str(error) for path in paths):
            raise
        raise InputError(f"{names}: {error}") from error
    except OSError as error:
        raise InputError(f"{error}. Check --path and the data folder") from error
    except Exception as error:
        words = in_words(error)
        if words is None:
            raise
        raise InputError(
            f"{names}: no model can be made of its configuration, its weights and this data "
            f"({words}); give the data of its training and a whole checkpoint, as fairseq-train "
            "writes it"
        ) from error
    finally:
        _from_checkpoint.reset(token)


def is_building() -> bool:
    """Whether a model is being built from a checkpoint."""
    return _from_checkpoint.get()


def check_buildable(path: str, state: dict[str, Any]) -> None:
    """Checks that a checkpoint has all that a model and its task are built from.

    Args:
        state: as `load_checkpoint_to_cpu` gives it.

    Raises:
        InputError: a part of the configuration is missing, or asks for more layers than the
            checkpoint has weights.
    """
    cfg = state.get("cfg")
    for part in ("model", "task"):
        section = cfg.get(part) if isinstance(cfg, DictConfig) else None
        if not isinstance(section, argparse.Namespace | DictConfig):
            raise InputError(
                f"{path}: has no configuration of its {part} (cfg.{part}), so that no model can be "
                "built from it; give a whole checkpoint, as fairseq-train writes it"
            )
    model, task = (options_of(state["cfg"].get(part)) for part in ("model", "task"))
    check_sizes(model, task)
    most = max(1000, len(state["model"]))
    for name, value in model.items():
        if str(name).endswith("layers") and isinstance(value, int) and value > most:
            raise InputError(
                f"{path}: its configuration asks for {value} {name}, and it has weights of "
                f"{len(state['model'])} names; give a whole checkpoint, as fairseq-train writes it"
            )


def options_of(section: Any) -> dict[str, Any]:
    """The options in a part of a configuration, in each form that parts have; {} without it."""
    if isinstance(section, argparse.Namespace):
        return vars(section)
    return OmegaConf.to_container(section) if isinstance(section, DictConfig) else {}


def _check_name(kind: str, found: type | None, name: object, known: Sequence[str]) -> None:
    root, _, rest = (found.__module__ if found else "").partition(".")
    words = rest.split(".")  # as models.transformer.transformer_legacy
    if found and (root != "fairseq" or (words[0] == f"{kind}s" and words[1] in known)):
        return
    raise InputError(
        f"the checkpoint names the {kind} {str(name)[:60]!r}, which is not among those that are "
        f"safe to build from a file: {', '.join(known)}, and this package's own. Without "
        "--user-dir fairseq_cline stock fairseq loads it; do that only if you trust its source"
    )


def _choice(cfg: Any, *names: str) -> str | None:
    """The first of the options that has a value: in fairseq's own order, so that it chooses alike."""
    chosen = next(filter(None, (getattr(cfg, name, None) for name in names)), None)
    return None if chosen is None else str(chosen)


def build_known_model(stock: Wrapper, cfg: Any, task: Any, from_checkpoint: bool = False) -> Any:
    """Builds a model; of a checkpoint's configuration only if it is a reviewed one.

    Raises:
        InputError: the checkpoint names another model, or a configuration for fairseq-hydra-train
            names none.
    """
    name = _choice(cfg, "_name", "arch")
    if from_checkpoint or is_building():
        found = ARCH_MODEL_REGISTRY.get(name) or MODEL_REGISTRY.get(name)
        _check_name("model", found, name, MODELS)
    elif name is not None and isinstance(cfg, DictConfig):
        _check_configured_name(name, by_hydra="job_logging_cfg" in cfg._get_root())
    return stock(cfg, task, from_checkpoint)


def _check_configured_name(name: str, by_hydra: bool) -> None:
    """Checks a name that no command line has checked; hydra's runs would leave out some sizes."""
    if name not in ARCH_MODEL_REGISTRY and name not in MODEL_DATACLASS_REGISTRY:
        raise InputError(
            f"model._name is {name[:60]!r}, which is no model or architecture; give one, as "
            "cline_roberta or transformer_lm"
        )
    model = ARCH_MODEL_NAME_REGISTRY.get(name, name)
    if by_hydra and name != model and model in MODEL_DATACLASS_REGISTRY:
        raise InputError(
            f"model._name is {name}, whose sizes only --arch {name} of fairseq-train knows; give "
            f"model._name={model} and its sizes"
        )


def set_up_known_task(stock: Wrapper, cfg: Any, **kwargs: Any) -> Any:
    """Sets up a task; of a checkpoint's configuration only if it is a reviewed one.

    Raises:
        InputError: the checkpoint names another task.
    """
    if kwargs.get("from_checkpoint") or is_building():
        name = _choice(cfg, *["task"] * isinstance(getattr(cfg, "task", None), str), "_name")
        _check_name("task", TASK_REGISTRY.get(name), name, TASKS)
        known = TASK_DATACLASS_REGISTRY.get(name)
        if known is not None and isinstance(cfg, DictConfig):
            # A look at every option: fairseq looks when it needs one, far from here.
            merged = merge_with_parent(known(), cfg, remove_missing=True)
            OmegaConf.to_container(merged, resolve=True)
    return stock(cfg, **kwargs)


def _check_criterion(settings: Any, model: Any) -> None:
    """Checks the name of a loss, and that it finds the head of the model that it asks for."""
    name = _choice(settings, "_name" if isinstance(settings, DictConfig) else "criterion")
    if name is None:
        return
    _check_name("criterion", CRITERION_REGISTRY.get(name), name, CRITERIONS)
    field = getattr(CRITERION_DATACLASS_REGISTRY.get(name), "__dataclass_fields__", {}).get(_HEAD)
    heads = getattr(model, "classification_heads", None)
    if field is not None and heads is not None:
        head = getattr(settings, _HEAD, field.default)
        if head not in heads:
            raise InputError(
                f"its criterion asks for the classification head {str(head)[:60]!r}, and its model "
                f"has {listed(heads) or 'none'}; give a whole checkpoint, as fairseq-train "
                "writes it"
            )


def build_criterion_in_words(stock: Wrapper, cfg: Any, task: Any, *args: Any, **kwargs: Any) -> Any:
    """Builds a loss; for the task of a checkpoint, with what the loss of the checkpoint has learned.

    Raises:
        InputError: there is no configuration of it, or one that is of no loss, or of another one.
    """
    source = _task_is_from.get()
    if cfg is None:
        raise InputError(f"{source}there is no configuration of a criterion; give --criterion")
    try:
        criterion = stock(cfg, task, *args, **kwargs)
        learned_criterions.restore(criterion, task)
        return criterion
    except OmegaConfBaseException as error:
        raise InputError(
            f"{source}the configuration of the criterion is not one ({in_words(error)}); give its "
            "options, or another checkpoint"
        ) from error


def load_ensemble(
    stock: Wrapper,
    filenames: list[str],
    arg_overrides: dict[str, Any] | None = None,
    task: Any = None,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Loads models for inference.

    Raises:
        InputError: a file is missing, or no model can be made of it; or nobody but the checkpoint
            names the data folder.
    """
    if task is None and kwargs.get("state") is None and "data" not in (arg_overrides or {}):
        raise InputError(
            f"{', '.join(filenames)}: the data folder that a checkpoint names is not opened; give "
            "the task, or arg_overrides={'data': FOLDER}"
        )
    with building_from(*filenames):
        loaded = stock(filenames, arg_overrides, task, *args, **kwargs)
        if task is None:  # whoever takes the task of the checkpoint may take its loss too
            _check_criterion(loaded[1].get("criterion"), loaded[0][-1])
            _task_is_from.set(f"{', '.join(filenames)}: ")
            learned_criterions.hand_to(loaded[2])
    return loaded


def prepare() -> None:
    """Makes fairseq build only known models and tasks from a checkpoint."""
    patch(models, "build_model", build_known_model)
    patch(tasks, "setup_task", set_up_known_task)
    patch(criterions, "build_criterion", build_criterion_in_words)
    patch(checkpoint_utils, "load_model_ensemble_and_task", load_ensemble)
