"""A Hugging Face folder as a checkpoint of fairseq, with its tokenizer: whole or not at all."""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from fairseq.data import Dictionary
from fairseq.models import ARCH_MODEL_REGISTRY
from torch import Tensor

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import save_dictionary, with_mask
from data_prep.files.whole import check_new, new_folder
from data_prep.tokenizers.tokenizer_folders import JSON, write_tokenizer
from data_prep.tokenizers.tokenizer_json import JsonTokenizer, read_tokenizer_json
from fairseq_cline.compat.license_files import license_files
from fairseq_cline.data.label_files import LABELS
from fairseq_cline.pretrained.hub_config import STOCK_ROBERTA, HubConfig, read_config
from fairseq_cline.pretrained.hub_folder import read_weights
from fairseq_cline.pretrained.hub_names import KINDS, LM_WEIGHT, OUR_WORDS
from fairseq_cline.pretrained.imported_weights import Imported, to_fairseq
from fairseq_cline.pretrained.model_paths import MODEL_FILE
from fairseq_cline.pretrained.new_checkpoint import HEAD_NAME, new_checkpoint
from fairseq_cline.pretrained.sentence_modules import read_modules

_SURPLUS = 128  # rows of a table without a token: some tables are padded to a multiple of it
_SEED = 1  # of a head that is made fresh


@dataclass(frozen=True)
class Summary:
    """The encoder that was made."""

    kind: str
    layers: int
    channels: int
    parameters: int
    vocabulary: int
    feature: str
    """How the model is read as one vector: cls or mean."""
    arch: str
    notes: list[str]
    """Sentences on parts that were made fresh or left out."""


def import_encoder(source: str | os.PathLike[str], destination: str | os.PathLike[str]) -> Summary:
    """Makes a folder with ``model.pt`` and a tokenizer of one with a Hugging Face model.

    Raises:
        InputError: a file is missing or damaged, files do not belong together, or the model has
            what cannot be carried over.
    """
    check_new(destination)
    folder = Path(source)
    if not folder.is_dir():
        raise InputError(f"{folder}: not a folder; give the folder of a Hugging Face model")
    config = read_config(folder)
    modules = read_modules(folder, config.options["max_positions"])
    tokenizer = _read_tokenizer(folder)
    rows = tokenizer.ids()
    surplus = config.vocabulary - len(rows)
    if max(rows) >= config.vocabulary or surplus >= _SURPLUS:
        raise InputError(
            f"{folder}: tokenizer.json has {len(rows):,} tokens, and config.json says that the "
            f"model has {config.vocabulary:,}; give the tokenizer of the model"
        )
    weights = read_weights(folder)
    try:
        imported = to_fairseq(weights, config, rows)
        model, options = _build(imported, config, modules.feature, tokenizer.dictionary())
    except InputError as error:
        raise InputError(f"{folder}: {error}") from error
    notes = [*_notes(imported, config, surplus), *modules.notes]
    state = new_checkpoint(
        options,
        model.state_dict(),
        imported.classes,
    )
    with new_folder(destination) as made:
        torch.save(state, made / MODEL_FILE)
        write_tokenizer(made, tokenizer.dictionary(), {JSON[0]: tokenizer.content})
        if imported.classes > 1:
            _write_labels(made / LABELS, config.labels, imported.classes)
        for name, content in license_files(folder).items():
            (made / name).write_bytes(content)
    return Summary(
        kind=config.kind,
        layers=config.options["encoder_layers"],
        channels=config.options["encoder_embed_dim"],
        parameters=sum(weight.numel() for weight in model.parameters()),
        vocabulary=len(rows),
        feature=modules.feature,
        arch=options["arch"],
        notes=notes,
    )


def _read_tokenizer(folder: Path) -> JsonTokenizer:
    path = folder / JSON[0]
    if not path.exists():
        raise InputError(
            f"{path}: no such file; write it where transformers is installed: "
            'AutoTokenizer.from_pretrained("FOLDER").save_pretrained("FOLDER")'
        )
    return read_tokenizer_json(path)


def _build(
    imported: Imported, config: HubConfig, feature: str, dictionary: Dictionary
) -> tuple[torch.nn.Module, dict[str, Any]]:
    """The model with these weights, and its options; a head that they lack is fresh."""
    stock = KINDS[config.kind].offset_positions and _is_stock(config)
    if stock and imported.has_pooler:
        imported.has_pooler = False
        imported.left_out.append("the pooler, which RoBERTa's classifiers do not use")
        imported.weights = {
            name: weight for name, weight in imported.weights.items() if ".pooler_" not in name
        }
    name = "roberta" if stock else "bert"
    options = {
        **config.options,
        "pooler": imported.has_pooler,
        "untie_weights_roberta": imported.untied,
        "sentence_feature": feature,
        "fresh_masked_lm": not imported.has_masked_lm,
        "load_checkpoint_heads": bool(imported.classes),
        "arch": name,
        "_name": name,
    }
    task = SimpleNamespace(source_dictionary=with_mask(dictionary))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        model = ARCH_MODEL_REGISTRY[name].build_model(argparse.Namespace(**options), task)
        if imported.classes:
            model.register_classification_head(HEAD_NAME, imported.classes)
    _load(model, imported.weights)
    return model, options


def _is_stock(config: HubConfig) -> bool:
    """Whether fairseq's own RoBERTa can express the model."""
    return all(config.options[name] == value for name, value in STOCK_ROBERTA.items())


def _load(model: torch.nn.Module, weights: dict[str, Tensor]) -> None:
    """Puts all weights into a model; what it has beyond them stays as it is.

    Raises:
        InputError: a weight is of another shape, or the model has none of its name.
    """
    whole = model.state_dict()
    if LM_WEIGHT not in weights and whole[LM_WEIGHT].data_ptr() == whole[OUR_WORDS].data_ptr():
        weights = {**weights, LM_WEIGHT: weights[OUR_WORDS]}
    for name, weight in weights.items():
        expected = whole[name].shape if name in whole else None
        if weight.shape != expected:
            raise InputError(
                f"the weight that becomes {name} is of the shape {list(weight.shape)}, wanted "
                f"{None if expected is None else list(expected)}; fetch the model again"
            )
    model.load_state_dict({**whole, **weights})


def _notes(imported: Imported, config: HubConfig, surplus: int) -> Iterator[str]:
    if not imported.has_masked_lm:
        yield (
            "made fresh: the masked-LM head (encoder.lm_head: dense layer, LayerNorm, bias; its "
            "table is that of the words)"
        )
    if config.token_types == 1:
        yield "folded: the one token type is a part of the positions"
    if surplus:
        yield f"left out: {surplus} rows of the word table that no token has"
    for words in imported.left_out:
        yield f"left out: {words}"
    if imported.classes:
        yield f"kept: the head for {imported.classes} classes, as {HEAD_NAME}"


def _write_labels(path: Path, names: list[str], classes: int) -> None:
    """Writes the names of classes as a fairseq dictionary; numbers, where they have no good ones."""
    dictionary = Dictionary()
    good = [name for name in dict.fromkeys(names) if name not in dictionary and _is_label(name)]
    if len(good) != classes:
        good = [f"LABEL_{number}" for number in range(classes)]
    for name in good:
        dictionary.add_symbol(name)
    path.parent.mkdir()
    save_dictionary(dictionary, path)


def _is_label(name: str) -> bool:
    return bool(name) and name.isprintable() and name == name.strip()
