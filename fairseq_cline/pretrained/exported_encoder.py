"""An encoder of ours as a folder of Hugging Face's or sentence-transformers' form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import Tensor

from data_prep.errors import InputError
from data_prep.files.name_lists import listed
from data_prep.files.whole import new_folder
from data_prep.tokenizers.as_tokenizer_json import as_tokenizer_json
from data_prep.tokenizers.tokenizer_folders import JSON
from data_prep.tokenizers.tokenizer_json import MASK, JsonTokenizer, parse_tokenizer_json
from fairseq_cline.compat.building import options_of
from fairseq_cline.compat.license_files import CARD
from fairseq_cline.model_bases.encoder_files import has_fresh_masked_lm
from fairseq_cline.pretrained.exported_weights import to_hub
from fairseq_cline.pretrained.hub_config import HubConfig
from fairseq_cline.pretrained.hub_folder import WEIGHTS
from fairseq_cline.pretrained.hub_names import HEAD, KINDS
from fairseq_cline.pretrained.hub_options import config_json, hub_options
from fairseq_cline.pretrained.model_card import Origin, card
from fairseq_cline.pretrained.sentence_modules import write_modules
from fairseq_cline.pretrained.stored_encoder import (
    HEADS,
    WITHOUT_PLACE,
    checkpoint_named,
    class_labels,
    classifier_of,
    parts_without_place,
    stored_encoder,
)

_POOLER = "encoder.pooler_"
# Parts of an encoder -> the heads that a model with them has.
_ONLY_WITH = {"encoder.lm_head.": ["masked_lm"], _POOLER: [""]}
# Parts that are left out, in words.
_WORDS = {
    **WITHOUT_PLACE,
    "encoder.lm_head.": "the masked-LM head",
    _POOLER: "the pooler",
    HEADS: "the head for classes",
}
_VERSION = "encoder.sentence_encoder.version"
# Tokens of fairseq -> their names in the settings of a tokenizer.
_TOKEN_NAMES = {"<s>": ("cls_token", "bos_token"), "</s>": ("sep_token", "eos_token")}
_TOKEN_NAMES |= {"<pad>": ("pad_token",), "<unk>": ("unk_token",), MASK: ("mask_token",)}


def export_encoder(
    path: str,
    state: dict[str, Any],
    tokenizer: str,
    destination: str,
    *,
    for_sentences: bool,
    feature: str | None,
    labels_of: str | None,
    origin: Origin,
    licenses: Mapping[str, bytes],
) -> list[str]:
    """Makes a folder with the model of a checkpoint, its tokenizer and a card.

    Args:
        path: the checkpoint, for messages.
        state: its content, read with ``load_checkpoint_heads``.
        tokenizer: a tokenizer folder.
        for_sentences: write the encoder alone, with the files of sentence-transformers; else the
            head is written too.
        feature: cls or mean; None takes that of the checkpoint.
        labels_of: a data-bin with the names of the classes; None takes those beside the tokenizer.
        origin: what the card says beside.
        licenses: name -> content of files that are written beside.

    Returns:
        The parts of the checkpoint that are left out, in words.

    Raises:
        InputError: no model of Hugging Face's is equal to the encoder, or no tokenizer to its own.
    """
    content = as_tokenizer_json(tokenizer)
    theirs = parse_tokenizer_json(str(Path(tokenizer, *JSON)), content)
    rows = theirs.ids()
    with checkpoint_named(path):
        name, classes = classifier_of(state["model"])
        head = _head(state, bool(classes), for_sentences)
        left_out = parts_without_place(state["model"])  # before the model drops them
        model = stored_encoder(path, state, theirs.dictionary())
        weights, unused = _weights(model.state_dict(), name, head)
        left_out += [part for part in unused if part not in left_out]
        config = hub_options(options_of(model.args), head, max(rows) + 1, theirs.specials["<pad>"])
        exported = _converted(weights, config, rows, head)
    labels = class_labels(labels_of or tokenizer, classes) if head == "classifier" else []
    if for_sentences and feature is None:
        feature = config.options.get("sentence_feature") or "cls"
    written = {
        "config.json": config_json(config, head, theirs.specials, labels),
        "tokenizer_config.json": _tokenizer_config(theirs, config),
        "special_tokens_map.json": _token_names(theirs, config),
    }
    with new_folder(destination) as made:
        save_file(exported, made / WEIGHTS, metadata={"format": "pt"})
        (made / JSON[0]).write_bytes(content)
        for file, settings in written.items():
            (made / file).write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n")
        if for_sentences:
            write_modules(made, feature, config.options["encoder_embed_dim"], _length(config))
        read_as = feature if for_sentences else None
        text = card(config, head, read_as, replace(origin, left_out=left_out))
        (made / CARD).write_text(text)
        for file, notice in licenses.items():
            (made / file).write_bytes(notice)
    return left_out


def _head(state: dict[str, Any], classifies: bool, for_sentences: bool) -> str:
    """The head that is written."""
    if for_sentences:
        return ""
    if classifies:
        return "classifier"
    return "" if has_fresh_masked_lm(state) else "masked_lm"


def _weights(
    weights: dict[str, Tensor], name: str, head: str
) -> tuple[dict[str, Tensor], list[str]]:
    """The weights to write, with standard names, and the parts that are left out, in words.

    Args:
        name: that of the head for classes; "": there is none.
    """
    kept: dict[str, Tensor] = {}
    left_out: list[str] = []
    for key, weight in weights.items():
        part = next((part for part in _WORDS if key.startswith(part)), "")
        if part == HEADS and head == "classifier":
            kept[HEAD + key.removeprefix(f"{HEADS}{name}.")] = weight
        elif not part or head in _ONLY_WITH.get(part, []):
            kept[key] = weight
        elif part == _POOLER and head == "classifier":
            continue  # the dense layer of the head is in its place
        elif _WORDS[part] not in left_out:
            left_out.append(_WORDS[part])
    return kept, left_out


def _converted(
    weights: dict[str, Tensor], config: HubConfig, rows: Sequence[int], head: str
) -> dict[str, Tensor]:
    try:
        exported, used = to_hub(weights, config, rows, head)
    except KeyError as error:
        raise InputError(
            f"lacks the weight {error.args[0]}, which a Hugging Face model of type {config.kind} has"
        ) from error
    unused = sorted(weights.keys() - used - {_VERSION})
    if unused:
        raise InputError(
            f"has weights that no Hugging Face model of type {config.kind} has: {listed(unused)}"
        )
    return exported


def _length(config: HubConfig) -> int:
    return config.options["max_positions"]


def _token_names(tokenizer: JsonTokenizer, config: HubConfig) -> dict[str, str]:
    found = {}
    for symbol, names in _TOKEN_NAMES.items():
        token = tokenizer.tokenizer.id_to_token(tokenizer.specials[symbol])
        for name in names:
            if name[:3] not in ("bos", "eos") or KINDS[config.kind].offset_positions:
                found[name] = token
    return found


def _tokenizer_config(tokenizer: JsonTokenizer, config: HubConfig) -> dict[str, Any]:
    inputs = ["input_ids", "attention_mask"]
    if config.token_types > 1:
        inputs.insert(1, "token_type_ids")
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": _length(config),
        "model_input_names": inputs,
        **_token_names(tokenizer, config),
    }
