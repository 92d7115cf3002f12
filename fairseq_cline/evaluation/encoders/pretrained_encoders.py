"""RoBERTa-like encoders from checkpoints, and the data-bins that they read."""

from fairseq.data import Dictionary
from fairseq.models import BaseFairseqModel
from fairseq.tasks.masked_lm import MaskedLMConfig, MaskedLMTask

from data_prep.errors import InputError
from fairseq_cline.data.triplet_databin import DataBin
from fairseq_cline.evaluation.encoders.stored_models import (
    check_vocabulary,
    rows,
    stored_model,
    stored_state,
)

_HEADS = "classification_heads."


def open_databin(folder: str, verify: bool = True) -> DataBin:
    """Opens a data-bin of triplets; its dictionary is that of pre-trained models, <mask> last.

    Args:
        verify: compare its files with the manifest.

    Raises:
        InputError: the data-bin is unfinished or damaged.
    """
    databin = DataBin(folder, verify)
    databin.dictionary.add_symbol("<mask>")
    return databin


def load_encoder(
    path: str,
    dictionary: Dictionary,
    projection_data: DataBin | None = None,
    *,
    source: str = "the data's dict.txt",
    remedy: str = "make the triplets with the tokenizer and the dictionary of the checkpoint",
) -> BaseFairseqModel:
    """Loads a RoBERTa-like model of any task: pre-trained (stock or ours) or fine-tuned.

    Args:
        dictionary: that of the data.
        projection_data: the data-bin with this dictionary, which the task of DCL asks for to keep
            a model's projection. Without it, the model is a plain encoder.
        source, remedy: where the dictionary is from, and what to do if it is another one's.

    Raises:
        InputError: the file is no checkpoint, or its model has another vocabulary or no encoder
            of this kind.
    """
    options: dict[str, str | bool] = {}
    if projection_data:
        skipped = not projection_data.is_verified
        options = {"data": projection_data.folder, "skip_verification": skipped}
    state = stored_state(path, **options)
    projected = any(key.startswith("alignment.projection.") for key in state["model"])
    # Its own task builds a projection. The rest needs a dictionary only, and that of the data must
    # be its own.
    own = projected and projection_data
    task = None if own else MaskedLMTask(MaskedLMConfig(), dictionary)
    for key, weight in state["model"].items():
        if key.endswith("sentence_encoder.embed_tokens.weight"):
            check_vocabulary(path, rows(weight), dictionary, source, remedy=remedy)
    for key in [key for key in state["model"] if key.startswith(_HEADS)]:
        del state["model"][key]  # of no use to an encoder; fairseq would warn of each
    model, _ = stored_model(path, state, task)
    if not hasattr(getattr(model, "encoder", None), "extract_features"):
        raise InputError(f"{path}: {type(model).__name__} is not a RoBERTa-like encoder")
    return model
