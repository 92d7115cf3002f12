"""config.json of a Hugging Face model: read with care, and written for an encoder of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data_prep.errors import InputError
from data_prep.files.name_lists import shortened
from fairseq_cline.option_ranges import SHARE, Range, at_least, between
from fairseq_cline.pretrained.hub_json import read_hub_json
from fairseq_cline.pretrained.hub_names import KINDS

_SIZE, _LAYERS = between(1, 2**31 - 1), between(1, 1000)
_EPS = Range(" above 0 and below 1", lambda value: 0 < value < 1)

# Their activation -> fairseq's; the first of each of fairseq's is what is written.
ACTIVATIONS = {
    "gelu": "gelu",
    "gelu_python": "gelu",
    "gelu_new": "gelu_accurate",
    "gelu_pytorch_tanh": "gelu_accurate",
    "gelu_fast": "gelu_accurate",
    "relu": "relu",
}
# Our option -> their name, in all kinds but DistilBERT, and there.
SIZES = {
    "encoder_layers": ("num_hidden_layers", "n_layers"),
    "encoder_embed_dim": ("hidden_size", "dim"),
    "encoder_ffn_embed_dim": ("intermediate_size", "hidden_dim"),
    "encoder_attention_heads": ("num_attention_heads", "n_heads"),
}
DROPOUTS = {
    "dropout": ("hidden_dropout_prob", "dropout"),
    "attention_dropout": ("attention_probs_dropout_prob", "attention_dropout"),
}
HEAD_DROPOUT = {"albert": "classifier_dropout_prob", "distilbert": "seq_classif_dropout"}
ACTIVATION = ("hidden_act", "activation")
DISTILBERT_EPS = 1e-12  # fixed in its code, as are the heads' activations below
ROBERTA_HEAD_ACTIVATION = "gelu"
_SEVERAL = "multi_label_classification"  # each class by itself, where fairseq's exclude each other
# The options of the encoder family, as fairseq's own RoBERTa always has them.
STOCK_ROBERTA: dict[str, Any] = {"token_types": 0, "layer_norm_eps": 1e-5, "embedding_dim": None}
STOCK_ROBERTA |= {"share_layers": False}
# Switches and texts that must have this value, if they are there -> what else they would mean.
REQUIRED = {
    "is_decoder": (False, "a decoder"),
    "add_cross_attention": (False, "cross attention"),
    "position_embedding_type": ("absolute", "relative positions"),
    "num_hidden_groups": (1, "several groups of shared layers"),
    "inner_group_num": (1, "several layers in a group"),
    "pruned_heads": ({}, "layers of which heads were cut"),
    "auto_map": (None, "a model with code of its own"),
    "quantization_config": (None, "weights in a quantized form"),
}


@dataclass(frozen=True)
class HubConfig:
    """The content of config.json, as far as it is used."""

    kind: str
    """A key of ``hub_names.KINDS``."""
    options: dict[str, Any]
    """fairseq's options of the model, without those that its weights decide."""
    vocabulary: int
    """Rows of the word table."""
    positions: int
    """Rows of the position table."""
    first_position: int
    """The row of the first token."""
    token_types: int
    """Rows of the table of token types; 0: there is none."""
    tied: bool
    """Whether the vocabulary head takes the word table."""
    labels: list[str] = field(default_factory=list)
    """Names of the classes; []: not given."""
    classifies: bool = False
    """Whether a head for classes in it is one for sentences."""

    @property
    def embedding_dim(self) -> int:
        return self.options.get("embedding_dim") or self.options["encoder_embed_dim"]


def read_config(folder: Path) -> HubConfig:
    """Reads ``config.json``; every value that is used is checked.

    Raises:
        InputError: there is none; a value is missing, of another type or out of range; or the model
            has what fairseq's encoder cannot express, which is named.
    """
    path = folder / "config.json"
    content = read_hub_json(path)
    try:
        return _config(content)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _config(content: Any) -> HubConfig:
    if not isinstance(content, dict):
        raise InputError("no configuration of a model; give a folder of Hugging Face's form")
    kind = content.get("model_type")
    if not isinstance(kind, str) or kind not in KINDS:
        raise InputError(
            f"a model of type {_shown(kind)} cannot be carried over; give one of {', '.join(KINDS)}"
        )
    for name, (wanted, otherwise) in REQUIRED.items():
        if content.get(name, wanted) not in (wanted, None):
            raise InputError(
                f"{name} is {_shown(content[name])}: {otherwise} cannot be carried over to "
                "fairseq's encoder; give another model"
            )
    options: dict[str, Any] = {
        name: _number(content, their, _LAYERS if name == "encoder_layers" else _SIZE)
        for name, their in _named(SIZES, kind)
    }
    if options["encoder_embed_dim"] % options["encoder_attention_heads"]:
        raise InputError(
            f"{options['encoder_attention_heads']} heads do not divide the "
            f"{options['encoder_embed_dim']} channels; fetch the model again"
        )
    options |= {name: _number(content, their, SHARE, 0.1) for name, their in _named(DROPOUTS, kind)}
    options["pooler_dropout"] = _head_dropout(content, kind, options["dropout"])
    options["activation_dropout"] = 0.0
    options["activation_fn"] = _activation(content, kind)
    options["pooler_activation_fn"] = "relu" if kind == "distilbert" else "tanh"
    options["layer_norm_eps"] = (
        DISTILBERT_EPS if kind == "distilbert" else _number(content, "layer_norm_eps", _EPS, 1e-12)
    )
    options["share_layers"] = KINDS[kind].shared
    options["embedding_dim"] = (
        _number(content, "embedding_size", _SIZE) if kind == "albert" else None
    )
    return _with_tables(content, kind, options)


def _with_tables(content: dict[str, Any], kind: str, options: dict[str, Any]) -> HubConfig:
    names = KINDS[kind]
    first, padding = 0, 0
    if names.offset_positions:
        padding = _number(content, "pad_token_id", at_least(0), 1)
        first = padding + 1
    positions = _number(content, "max_position_embeddings", between(first + 1, 2**31 - 1))
    types = _number(content, "type_vocab_size", _SIZE, 2) if names.token_types else 0
    if names.offset_positions and types > 1:
        raise InputError(
            f"type_vocab_size is {types}: token types of a model of type {kind} cannot be carried "
            "over; give a model with 1"
        )
    tied = content.get("tie_word_embeddings", True)
    if not isinstance(tied, bool):
        raise InputError(f"tie_word_embeddings is {_shown(tied)}, but must be true or false")
    classes = content.get("architectures")
    classes = classes if isinstance(classes, list) else []
    return HubConfig(
        kind=kind,
        options={
            **options,
            "max_positions": positions - first,
            "token_types": types if types > 1 else 0,
            "hub_type": kind,
        },
        vocabulary=_number(content, "vocab_size", _SIZE),
        positions=positions,
        first_position=first,
        token_types=types,
        tied=tied,
        labels=_labels(content.get("id2label")),
        classifies=content.get("problem_type") != _SEVERAL
        and (not classes or any("SequenceClassification" in str(one) for one in classes)),
    )


def _named(table: Mapping[str, tuple[str, str]], kind: str) -> list[tuple[str, str]]:
    return [(ours, theirs[kind == "distilbert"]) for ours, theirs in table.items()]


def _number(content: dict[str, Any], name: str, allowed: Range, default: Any = None) -> Any:
    value = content.get(name)
    value = default if value is None else value
    whole = not isinstance(default, float) and allowed is not _EPS
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        found = "is missing" if value is None else f"is {_shown(value)}"
        raise InputError(
            f"{name} {found}, but must be a {'whole ' * whole}number; fetch the model again"
        )
    allowed.check(name, value)
    return value


def _head_dropout(content: dict[str, Any], kind: str, otherwise: float) -> float:
    return float(
        _number(content, HEAD_DROPOUT.get(kind, "classifier_dropout"), SHARE, float(otherwise))
    )


def _activation(content: dict[str, Any], kind: str) -> str:
    name = ACTIVATION[kind == "distilbert"]
    value = content.get(name, "gelu_new" if kind == "albert" else "gelu")
    if not isinstance(value, str) or value not in ACTIVATIONS:
        raise InputError(
            f"{name} is {_shown(value)}, which fairseq's encoder has not; give a model with one of "
            f"{', '.join(ACTIVATIONS)}"
        )
    if KINDS[kind].offset_positions and ACTIVATIONS[value] != ROBERTA_HEAD_ACTIVATION:
        raise InputError(
            f"{name} is {value}: the layers and the head of a model of type {kind} would differ in "
            f"it, which cannot be carried over; give a model with {ROBERTA_HEAD_ACTIVATION}"
        )
    return ACTIVATIONS[value]


def _labels(content: Any) -> list[str]:
    """The names of classes, from ``id2label``; [] when it is not there, or odd."""
    if not isinstance(content, dict):
        return []
    names = [content.get(str(number)) for number in range(len(content))]
    return [name for name in names if isinstance(name, str)] if None not in names else []


def _shown(value: Any) -> str:
    return shortened(repr(value))
