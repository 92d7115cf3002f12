"""The encoder in a checkpoint, as an export needs it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fairseq import checkpoint_utils
from fairseq.data import Dictionary
from fairseq.models.roberta import RobertaModel
from fairseq.tasks.masked_lm import MaskedLMConfig, MaskedLMTask
from torch import Tensor

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import class_names, load_dictionary, with_mask
from data_prep.files.name_lists import listed
from fairseq_cline.data.label_files import LABELS
from fairseq_cline.pretrained.hub_names import OUR_WORDS

HEADS = "classification_heads."
# Parts that only pre-training here has, in words.
WITHOUT_PLACE = {
    "rtd_head.": "CLINE's head for replaced tokens",
    "reference.": "the copy of the encoder as it was before CLINE",
    "alignment.": "DCL's projection, predictor and momentum network",
}


@contextmanager
def checkpoint_named(path: str) -> Iterator[None]:
    """Puts the name of a checkpoint before the message of an InputError that lacks it."""
    try:
        yield
    except InputError as error:
        if path in str(error):
            raise
        raise InputError(f"{path}: {error}") from error


def check_vocabulary(dictionary: Dictionary, weights: dict[str, Tensor]) -> None:
    """Raises InputError when weights are not those of a model with this dictionary, <mask> included."""
    table = weights.get(OUR_WORDS)
    if table is not None and table.shape[:1] != (len(dictionary),):
        raise InputError(
            f"its word table is of the shape {list(table.shape)}, and its tokenizer has "
            f"{len(dictionary):,} tokens; give --tokenizer the one of its training"
        )


def stored_encoder(path: str, state: dict[str, Any], dictionary: Dictionary) -> RobertaModel:
    """Builds the model of a checkpoint with its heads for classes: in fp32 and without dropout.

    Args:
        state: its content, read with ``load_checkpoint_heads``.
        dictionary: that of its tokenizer, without ``<mask>``.

    Raises:
        InputError: the checkpoint is of another vocabulary, or of no such model.
    """
    dictionary = with_mask(dictionary)
    check_vocabulary(dictionary, state["model"])
    task = MaskedLMTask(MaskedLMConfig(), dictionary)
    (model,), _, _ = checkpoint_utils.load_model_ensemble_and_task([path], task=task, state=state)
    if not isinstance(model, RobertaModel):
        raise InputError(
            f"its model is a {type(model).__name__}; give one of an encoder like RoBERTa or BERT"
        )
    return model.float().eval()


def classifier_of(weights: dict[str, Tensor]) -> tuple[str, int]:
    """The name of the head for classes among weights, and their number; "" and 0 without one.

    Raises:
        InputError: there are several, or it is no head of RoBERTa's.
    """
    names = {name.split(".")[1] for name in weights if name.startswith(HEADS)}
    if not names:
        return "", 0
    if len(names) > 1:
        raise InputError(f"has the heads {listed(sorted(names))} for classes, wanted one")
    (name,) = names
    outputs = weights.get(f"{HEADS}{name}.out_proj.weight")
    if outputs is None or outputs.dim() != 2:
        raise InputError(f"its head {name:.60} is none of RoBERTa's; give a plain classifier")
    return name, len(outputs)


def parts_without_place(names: Iterable[str]) -> list[str]:
    """The parts of a checkpoint that no plain model has, in words."""
    names = [*names]
    return [
        words
        for start, words in WITHOUT_PLACE.items()
        if any(name.startswith(start) for name in names)
    ]


def class_labels(folder: str, classes: int) -> list[str]:
    """The names of the outputs of a classifier: those in ``label/dict.txt``, or numbered ones.

    Args:
        folder: a data-bin, or the folder of a checkpoint.

    Raises:
        InputError: they are of another number, as those of another data-bin.
    """
    path = Path(folder, LABELS)
    if not path.is_file():
        return [f"LABEL_{number}" for number in range(classes)]
    names = class_names(load_dictionary(path))
    if len(names) != classes:
        raise InputError(
            f"{path}: has {len(names)} classes, and the checkpoint {classes}; give --data the "
            "data-bin of its training"
        )
    return names
