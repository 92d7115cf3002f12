"""Models by path: a checkpoint or a folder with one, and the tokenizer that lies beside it."""

import os
from typing import NamedTuple

from data_prep.errors import InputError
from data_prep.tokenizers.tokenizer_folders import DICT

MODEL_FILE = "model.pt"
TOKENIZER_BESIDE = "that of the model, if it is not in the folder of the checkpoint"


class ModelFiles(NamedTuple):
    """The checkpoint of a model, and the folder of its tokenizer."""

    checkpoint: str
    tokenizer: str


def find_model(
    path: str | os.PathLike[str], tokenizer: str | os.PathLike[str] | None = None
) -> ModelFiles:
    """The files of a model.

    Args:
        path: a checkpoint, or a folder with a ``model.pt``, as import_encoder makes it.
        tokenizer: a tokenizer folder; None takes the folder that the checkpoint lies in.

    Raises:
        InputError: there is no checkpoint, or no dictionary in the folder.
    """
    checkpoint = find_checkpoint(path)
    folder = (os.path.dirname(checkpoint) or ".") if tokenizer is None else os.fspath(tokenizer)
    if not os.path.isfile(os.path.join(folder, DICT)):
        given = f"{checkpoint}: no tokenizer beside it" if tokenizer is None else "--tokenizer"
        raise InputError(
            f"{given} ({folder} has no {DICT}); give --tokenizer the data-bin of its training"
        )
    return ModelFiles(checkpoint, folder)


def find_checkpoint(path: str | os.PathLike[str]) -> str:
    """The checkpoint that a path names, or that lies in the folder there.

    Raises:
        InputError: the folder has none.
    """
    path = os.fspath(path)
    if not os.path.isdir(path):
        return path
    checkpoint = os.path.join(path, MODEL_FILE)
    if not os.path.isfile(checkpoint):
        raise InputError(
            f"{path}: a folder without {MODEL_FILE}; give a checkpoint, or a folder of "
            "fairseq_cline.import_encoder"
        )
    return checkpoint
