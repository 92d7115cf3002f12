"""Models that checkpoints hold, as every evaluation takes them."""

from typing import Any

from fairseq import checkpoint_utils
from fairseq.data import Dictionary
from fairseq.models import BaseFairseqModel
from fairseq.tasks import FairseqTask

import fairseq_cline.plugin  # noqa: F401 - registers what a checkpoint may name
from data_prep.errors import InputError


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


def stored_model(
    path: str, state: dict[str, Any], task: FairseqTask | None
) -> tuple[BaseFairseqModel, Any]:
    """Builds the model of a checkpoint: without dropout, without gradients of weights, in fp32.

    Args:
        state: the content of the checkpoint, see `checkpoint_utils.load_checkpoint_to_cpu`.
        task: gives the model its dictionary; None makes the one of its training.

    Returns:
        The model, and its configuration.
    """
    (model,), config, _ = checkpoint_utils.load_model_ensemble_and_task(
        [path], task=task, state=state
    )
    return model.float().eval().requires_grad_(False), config
