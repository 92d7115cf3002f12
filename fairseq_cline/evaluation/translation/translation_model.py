"""Translation models for comparison: loading them, their losses, and their beam search.

Letters: B sentences, T tokens of the target.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from fairseq.dataclass.configs import GenerationConfig
from fairseq.models import FairseqEncoderDecoderModel
from fairseq.sequence_generator import SequenceGenerator
from fairseq.tasks.translation import TranslationConfig, TranslationTask
from torch import Tensor, nn

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from fairseq_cline.data.databin_folder import DatabinFolder
from fairseq_cline.evaluation.encoders.stored_models import (
    check_vocabulary,
    rows,
    stored_model,
    stored_state,
    task_settings,
)
from fairseq_cline.evaluation.language_models.gradient_attack import token_losses
from fairseq_cline.evaluation.translation.translation_text import Language, load_language

_EMBEDDINGS = ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight")


@dataclass(frozen=True)
class TranslationModel:
    """A model without dropout and without gradients of its weights, in fp32."""

    name: str
    sha256: str
    model: FairseqEncoderDecoderModel
    source: Language
    target: Language

    @property
    def embedding_layer(self) -> nn.Module:
        """The layer of the source. A decoder that shares it calls it after the encoder has."""
        return self.model.encoder.embed_tokens

    def losses(self, net_input: dict[str, Tensor], target: Tensor) -> Tensor:
        """Losses (B, T) in nats of the tokens of a reference (B, T); 0 at padding."""
        return token_losses(self.model, net_input, target, self.target.dictionary.pad())

    def search(self, beam: int, length_penalty: float) -> SequenceGenerator:
        """Beam search, with the other settings as fairseq-generate has them."""
        task = _task(self.source, self.target)
        config = GenerationConfig(beam=beam, lenpen=length_penalty)
        return task.build_generator([self.model], config)

    def translate(self, search: SequenceGenerator, batch: dict) -> list[str]:
        """Translates a batch: raw text for each of the B sentences, after one call of the encoder."""
        found = search.generate([self.model], batch)
        return [self.target.decode(hypotheses[0]["tokens"]) for hypotheses in found]


def load_translation_models(
    paths: Mapping[str, str], data: str, verify: bool = True
) -> list[TranslationModel]:
    """Loads encoder-decoders of one pair of languages, those of a data-bin.

    Args:
        paths: name -> checkpoint.
        data: folder of the data-bin.
        verify: compare its files with its manifest.

    Raises:
        InputError: a file is no checkpoint of a translation model; it has other languages than
            the first, or another vocabulary than the data-bin.
    """
    databin = DatabinFolder(data, "translation", verify)
    models: list[TranslationModel] = []
    for name, path in paths.items():
        state = stored_state(path, data=data)
        languages = _languages(path, state)
        if not models:
            source, target = (load_language(databin, language) for language in languages)
        elif languages != (source.name, target.name):
            raise InputError(
                f"{path} translates {'-'.join(languages)}, {models[0].name} "
                f"{source.name}-{target.name}; compare models of one direction"
            )
        _check_vocabulary(path, state["model"], data, source, target)
        model, _ = stored_model(path, state, _task(source, target))
        models.append(TranslationModel(name, file_sha256(path), model, source, target))
    return models


def _task(source: Language, target: Language) -> TranslationTask:
    """The task to build a model and a beam search with: they need the dictionaries only."""
    return TranslationTask(TranslationConfig(), source.dictionary, target.dictionary)


def _languages(path: str, state: dict) -> tuple[str, str]:
    without = (
        "not a translation model; give an encoder-decoder trained with --task translation or "
        "atcl_translation"
    )
    task = task_settings(path, state, TranslationConfig, without)
    if None in (task.source_lang, task.target_lang) or _EMBEDDINGS[0] not in state["model"]:
        raise InputError(f"{path}: {without}")
    return task.source_lang, task.target_lang


def _check_vocabulary(
    path: str, weights: dict[str, Tensor], data: str, source: Language, target: Language
) -> None:
    for key, language in zip(_EMBEDDINGS, (source, target), strict=True):
        if key in weights:
            check_vocabulary(
                path,
                rows(weights[key]),
                language.dictionary,
                os.path.join(data, f"dict.{language.name}.txt"),
                which=f"vocabulary of '{language.name}'",
            )
