"""Language models for comparison: loading, losses, and scores of the next symbol.

Letters: B rows, T tokens, C channels, V vocabulary, K perturbed words.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fairseq.data import Dictionary, MonolingualDataset
from fairseq.models import FairseqLanguageModel
from fairseq.tasks.language_modeling import LanguageModelingConfig, LanguageModelingTask
from torch import Tensor, nn

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from fairseq_cline.data.databin_folder import DatabinFolder
from fairseq_cline.data.indexed_text import check_indexed_text, has_text
from fairseq_cline.evaluation.encoders.stored_models import (
    check_vocabulary,
    rows,
    stored_model,
    stored_state,
    task_settings,
)
from fairseq_cline.evaluation.language_models.gradient_attack import token_losses

# The table of the input embeddings; adaptive input has one for each band of words.
_EMBEDDINGS = re.compile(r"decoder\.embed_tokens\.(embeddings\.\d+\.0\.)?weight")
# How a task makes rows of a text; models are compared on the same rows.
_ROW_SETTINGS = ("tokens_per_sample", "sample_break_mode", "add_bos_token")


@dataclass(frozen=True)
class LanguageModel:
    """A model without dropout and without gradients of its weights, in fp32."""

    name: str
    sha256: str
    model: FairseqLanguageModel
    task: LanguageModelingTask  # with the settings of its training, on the given data-bin
    leaks_future: bool  # trained with --leak-future-tokens
    data: DatabinFolder

    @property
    def embedding_layer(self) -> nn.Module:
        return self.model.decoder.embed_tokens

    @property
    def pad(self) -> int:
        return self.task.dictionary.pad()

    def losses(self, net_input: dict[str, Tensor], target: Tensor) -> Tensor:
        """Nats of each target: (B, T) -> (B, T), 0 where the target is padding."""
        return token_losses(self.model, net_input, target, self.pad)

    def next_scores(self, tokens: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        """Scores (K, V) of the symbol behind the places (K,) in (B, T), up to a constant each."""
        decoder = self.model.decoder
        features, _ = decoder.extract_features(tokens, encoder_out=None)
        features = features[rows, columns].unsqueeze(1)  # (K, 1, C)
        if decoder.adaptive_softmax is not None:
            return decoder.adaptive_softmax.get_log_prob(features, None).squeeze(1)
        return decoder.output_layer(features).squeeze(1)


def load_language_models(
    paths: Mapping[str, str], data: str, verify: bool = True
) -> list[LanguageModel]:
    """Loads decoder-only models of one dictionary, that of a data-bin.

    Args:
        paths: name -> checkpoint.
        data: folder of the data-bin.
        verify: compare its files with its manifest.

    Raises:
        InputError: a file is no checkpoint of a language model; it has another vocabulary or
            makes other rows of a text than the first.
    """
    databin = DatabinFolder(data, "language-modeling", verify)
    dictionary = databin.dictionary("dict.txt")
    models = [_load(name, path, databin, dictionary) for name, path in paths.items()]
    for other in models[1:]:
        for setting in _ROW_SETTINGS:
            values = [getattr(model.task.args, setting) for model in (models[0], other)]
            if values[0] != values[1]:
                raise InputError(
                    f"{other.name} was trained with --{setting.replace('_', '-')} {values[1]}, "
                    f"{models[0].name} with {values[0]}; compare models of the same rows of text"
                )
    return models


def load_rows(models: Sequence[LanguageModel], split: str) -> MonolingualDataset:
    """The rows of a split, cut as for the training of the models.

    Raises:
        InputError: the data-bin has no such split, or it is damaged.
    """
    check_split(models, split)
    task = models[0].task
    task.load_dataset(split)
    return task.dataset(split)


def check_split(models: Sequence[LanguageModel], split: str) -> None:
    """Verifies the text of a split before it is read.

    Raises:
        InputError: the data-bin has no such split, or it is damaged.
    """
    task, data = models[0].task, models[0].data
    if not has_text(data, split):
        raise InputError(f"--split {split}: not in {data.folder}; give another")
    check_indexed_text(data, split, task.dictionary, data.path("dict.txt"))


def longest_row(models: Sequence[LanguageModel]) -> int:
    """Number of tokens of the longest row that all models take."""
    return min(model.model.max_positions() for model in models)


def _load(name: str, path: str, data: DatabinFolder, dictionary: Dictionary) -> LanguageModel:
    state = stored_state(path, data=data.folder)
    without = (
        "not a decoder-only language model with an embedding for each symbol; give one of "
        "transformer_lm, tensorized_transformer_lm or lstm_lm"
    )
    settings = task_settings(path, state, LanguageModelingConfig, without)
    weights = state["model"]
    symbols = sum(rows(weights[key]) for key in weights if _EMBEDDINGS.fullmatch(key))
    if not symbols or not all(key.startswith("decoder.") for key in weights):
        raise InputError(f"{path}: {without}")
    check_vocabulary(path, symbols, dictionary, data.path("dict.txt"))
    # The model needs a dictionary only, and that of the data must be its own.
    task = LanguageModelingTask(LanguageModelingConfig(), dictionary)
    model, cfg = stored_model(path, state, task)
    leaks = bool(getattr(cfg.model, "leak_future_tokens", False))
    if leaks:
        print(
            f"warning: {name} was trained with --leak-future-tokens: it sees the tokens that it "
            "must predict, and its perplexity is not that of a language model",
            file=sys.stderr,
        )
    task = LanguageModelingTask(settings, dictionary)
    return LanguageModel(name, file_sha256(path), model, task, leaks, data)
