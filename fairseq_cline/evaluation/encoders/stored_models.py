"""Models that checkpoints hold, as every evaluation takes them."""

from typing import Any

from fairseq import checkpoint_utils
from fairseq.data import Dictionary
from fairseq.dataclass import FairseqDataclass
from fairseq.dataclass.utils import merge_with_parent
from fairseq.models import BaseFairseqModel
from fairseq.tasks import TASK_DATACLASS_REGISTRY, FairseqTask
from omegaconf import DictConfig, OmegaConf
from torch import Tensor

import fairseq_cline.plugin  # noqa: F401 - registers what a checkpoint may name
from data_prep.errors import InputError
from fairseq_cline.compat.building import building_from


def check_vocabulary(
    path: str,
    symbols: int,
    dictionary: Dictionary,
    source: str,
    *,
    which: str = "vocabulary",
    remedy: str = "give --data the data-bin of its training",
) -> None:
    """Checks that a checkpoint has an embedding for each symbol of a dictionary.

    Args:
        path: the checkpoint.
        symbols: its number of embeddings.
        source: where the dictionary comes from.
        which: the vocabulary, if the model has several.

    Raises:
        InputError: the numbers differ.
    """
    if symbols != len(dictionary):
        raise InputError(
            f"{path}: its {which} has {symbols} symbols, {source} has {len(dictionary)} (specials "
            f"included); {remedy}"
        )


def rows(weight: Tensor) -> int:
    """Number of rows of a table, 0 when a checkpoint has no table there."""
    return weight.size(0) if weight.dim() else 0


def stored_state(path: str, **options: Any) -> dict[str, Any]:
    """Reads a checkpoint that a model is to be built from.

    Args:
        options: what takes the place of the checkpoint's own, as ``data=FOLDER`` of its task.

    Raises:
        InputError: the file is no whole and harmless checkpoint.
    """
    with building_from(path):
        return checkpoint_utils.load_checkpoint_to_cpu(path, options)


def task_settings(
    path: str, state: dict[str, Any], kind: type[FairseqDataclass], otherwise: str
) -> DictConfig:
    """The configuration of the task in a checkpoint, all options there and of their types.

    Args:
        state: from `stored_state`.
        kind: the least that the configuration must have.
        otherwise: what is said of a checkpoint of another task.

    Raises:
        InputError: the task is of another kind, or an option is of another type.
    """
    settings = state["cfg"].task
    name = str(getattr(settings, "_name", None))
    known = TASK_DATACLASS_REGISTRY.get(name)
    if known is None or not issubclass(known, kind) or not isinstance(settings, DictConfig):
        raise InputError(f"{path}: {otherwise}")
    with building_from(path):
        settings = merge_with_parent(known(), settings, remove_missing=True)
        OmegaConf.to_container(settings, resolve=True)  # looks at every option
    return settings


def stored_model(
    path: str, state: dict[str, Any], task: FairseqTask | None
) -> tuple[BaseFairseqModel, Any]:
    """Builds the model of a checkpoint: without dropout, without gradients of weights, in fp32.

    Args:
        state: from `stored_state`.
        task: gives the model its dictionary; None makes the one of its training.

    Returns:
        The model, and its configuration.
    """
    (model,), config, _ = checkpoint_utils.load_model_ensemble_and_task(
        [path], task=task, state=state
    )
    return model.float().eval().requires_grad_(False), config
