"""Checks, cuts and copies of a checkpoint before a RoBERTa model loads it."""

import logging

from torch import nn

from data_prep.errors import InputError

logger = logging.getLogger(__name__)


def check_embeddings(sentence_encoder: nn.Module, state_dict: dict, prefix: str) -> None:
    """Compares the tables of a checkpoint with those of the model.

    Args:
        sentence_encoder: the `sentence_encoder` of a RoBERTa encoder.
        state_dict: weights of the whole model, in today's names.
        prefix: how the model's keys in it begin.

    Raises:
        InputError: the checkpoint's vocabulary or number of positions is another.
    """
    for table, what, remedy in (
        ("embed_tokens", "symbols", "use the dict.txt and the tokenizer of the checkpoint"),
        ("embed_positions", "positions (2 of them for padding)", "set --max-positions to fit"),
    ):
        saved = state_dict.get(f"{prefix}encoder.sentence_encoder.{table}.weight")
        rows = getattr(sentence_encoder, table).weight.size(0)
        if saved is not None and saved.size(0) != rows:
            raise InputError(
                f"the checkpoint has {saved.size(0)} {what}, this run has {rows}; {remedy}"
            )


def leave_out(state_dict: dict, prefix: str) -> None:
    """Drops the part of a checkpoint that the model has no place for, and says so."""
    dropped = [key for key in state_dict if key.startswith(prefix)]
    for key in dropped:
        del state_dict[key]
    if dropped:
        logger.info(f"{prefix}* of the checkpoint has no use here: left out")


def copy_encoder(state_dict: dict, prefix: str, copied: str) -> None:
    """Gives the weights of the encoder in a checkpoint to a copy of the encoder, too.

    Args:
        prefix: how the model's keys begin.
        copied: how those of the copy begin.
    """
    encoder = f"{prefix}encoder.sentence_encoder."
    for key in [key for key in state_dict if key.startswith(encoder)]:
        state_dict[copied + key.removeprefix(encoder)] = state_dict[key]
