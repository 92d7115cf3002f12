"""Weights of Hugging Face's models as those of fairseq's encoders: dictionaries in and out.

Letters: V rows of a vocabulary, P of positions, N of token types, E channels of an embedding,
H of the layers, F of the feed-forward part, K classes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from data_prep.errors import InputError
from data_prep.files.name_lists import listed
from fairseq_cline.pretrained.hub_config import HubConfig
from fairseq_cline.pretrained.hub_names import (
    DERIVED,
    HEAD,
    KINDS,
    LEFT_OUT,
    LM_BIAS,
    LM_WEIGHT,
    OUR_POSITIONS,
    OUR_TOKEN_TYPES,
    OUR_WORDS,
    POSITIONS,
    TOKEN_TYPES,
    WORDS,
    HubKind,
    classifier_names,
    encoder_names,
    masked_lm_names,
    pooler_names,
)

PADDING_ROWS = 2  # of fairseq's position table: its first token has the index after <pad>, 1
_OLD_NORM = re.compile(r"LayerNorm\.(gamma|beta)$")
_OLD_PARTS = {"gamma": "weight", "beta": "bias"}


@dataclass
class Imported:
    """Weights in fairseq's names, and what became of the others."""

    weights: dict[str, Tensor]
    classes: int = 0
    """K of the head for classes; 0: there is none."""
    has_pooler: bool = False
    has_masked_lm: bool = False
    untied: bool = False
    """Whether the vocabulary head has a table of its own."""
    left_out: list[str] = field(default_factory=list)
    """Parts that have no place in fairseq's model, in words."""


def to_fairseq(found: dict[str, Tensor], config: HubConfig, rows: Sequence[int]) -> Imported:
    """The weights of a Hugging Face model, in the names, shapes and order of fairseq's.

    Args:
        found: name -> weight, of an encoder with or without a head.
        rows: the row in their tables of each symbol of the dictionary.

    Raises:
        InputError: a weight is missing, of another shape than the configuration says, or has no
            place; the message has no name of a file.
    """
    kind = KINDS[config.kind]
    left = {_OLD_NORM.sub(_new_norm, name): weight for name, weight in found.items()}
    base = kind.prefix if any(name.startswith(kind.prefix) for name in left) else ""
    taken: dict[str, Tensor] = {}

    def take(names: dict[str, str], before: str = "") -> None:
        for theirs, ours in names.items():
            taken[ours] = _taken(left, before + theirs)

    _check_depth(left, kind, base, config.options["encoder_layers"])
    take(encoder_names(kind, config.options["encoder_layers"]), base)
    words = _taken(left, base + WORDS)
    _check_shape(base + WORDS, words, config.vocabulary, config.embedding_dim)
    taken[OUR_WORDS] = words[torch.as_tensor(rows)]
    _take_positions(taken, left, base, config)
    result = Imported(taken)
    if f"{base}{kind.pooler}.weight" in left and kind.pooler:
        names = {base + theirs: ours for theirs, ours in pooler_names(kind).items()}
        pooler = {ours: _taken(left, theirs) for theirs, ours in names.items()}
        result.has_pooler = any(bool(weight.any()) for weight in pooler.values())
        taken |= pooler if result.has_pooler else {}
    if kind.lm_bias in left:
        _take_masked_lm(result, left, kind, config, rows)
    _take_classifier(result, left, kind, config)
    _account_for(result, left, base, kind)
    _check_sizes(result, config)
    return result


def _new_norm(found: re.Match[str]) -> str:
    return f"LayerNorm.{_OLD_PARTS[found[1]]}"


def _taken(left: dict[str, Tensor], name: str) -> Tensor:
    if name not in left:
        raise InputError(f"lacks the weight {name}; fetch the model again")
    return left.pop(name)


def _check_depth(left: dict[str, Tensor], kind: HubKind, base: str, layers: int) -> None:
    """Raises InputError when the weights are of fewer layers, before all are named."""
    if kind.shared:
        return
    pattern = re.compile(re.escape(base + kind.layer_prefix).replace(r"\{\}", r"(\d+)"))
    depths = {int(found[1]) for name in left if (found := pattern.match(name))}
    if len(depths) != layers:
        raise InputError(
            f"has weights of {len(depths)} layers, and config.json says {layers}; fetch the model "
            "again"
        )


def _check_shape(name: str, weight: Tensor, *shape: int) -> None:
    if tuple(weight.shape) != shape:
        raise InputError(
            f"{name} is of the shape {list(weight.shape)}, and config.json says {list(shape)}; "
            "fetch the model again"
        )


def _take_positions(
    taken: dict[str, Tensor], left: dict[str, Tensor], base: str, config: HubConfig
) -> None:
    """Shifts the positions by fairseq's two rows; a single token type becomes a part of them."""
    positions = _taken(left, base + POSITIONS)
    channels = config.embedding_dim
    _check_shape(base + POSITIONS, positions, config.positions, channels)
    before, rest = positions[: config.first_position], positions[config.first_position :]
    if config.token_types:
        types = _taken(left, base + TOKEN_TYPES)
        _check_shape(base + TOKEN_TYPES, types, config.token_types, channels)
        if config.options["token_types"]:
            taken[OUR_TOKEN_TYPES] = types
        else:
            rest = rest + types[0]
    if len(before) != PADDING_ROWS:
        before = positions.new_zeros(PADDING_ROWS, channels)
    taken[OUR_POSITIONS] = torch.cat([before, rest])


def _take_masked_lm(
    result: Imported,
    left: dict[str, Tensor],
    kind: HubKind,
    config: HubConfig,
    rows: Sequence[int],
) -> None:
    result.has_masked_lm = True
    weights, chosen = result.weights, torch.as_tensor(rows)
    for theirs, ours in masked_lm_names(kind).items():
        weights[ours] = _taken(left, theirs)
    bias = _taken(left, kind.lm_bias)
    table = left.pop(kind.lm_weight, None)
    table_bias = left.pop(f"{kind.lm_weight.removesuffix('weight')}bias", None)
    if table is not None:
        _check_shape(kind.lm_weight, table, config.vocabulary, config.embedding_dim)
        result.untied = not config.tied
    if result.untied and table_bias is not None:
        bias = table_bias  # the one that is used; tied, the two are the same
    _check_shape(kind.lm_bias, bias, config.vocabulary)
    weights[LM_BIAS] = bias[chosen]
    weights[LM_WEIGHT] = table[chosen] if result.untied else weights[OUR_WORDS]


def _take_classifier(
    result: Imported, left: dict[str, Tensor], kind: HubKind, config: HubConfig
) -> None:
    names = classifier_names(kind)
    own = {theirs for theirs in names if not theirs.startswith(kind.prefix)}
    if not config.classifies or not own <= left.keys():
        return
    dense = dict(zip(pooler_names(kind), pooler_names(kind).values(), strict=True))
    for theirs, ours in names.items():
        if theirs in own:
            result.weights[ours] = left.pop(theirs)
            continue
        pooled = dense[theirs.removeprefix(kind.prefix)]
        if pooled not in result.weights:
            raise InputError(f"lacks the weight {theirs} of its head; fetch the model again")
        result.weights[ours] = result.weights[pooled].clone()
    weight = result.weights[f"{HEAD}out_proj.weight"]
    result.classes = len(weight) if weight.dim() else 0


def _account_for(result: Imported, left: dict[str, Tensor], base: str, kind: HubKind) -> None:
    """Notes which of the weights that are left have no place; refuses those that are not known."""
    for name in [*left]:
        inner = name.removeprefix(base)
        if inner in DERIVED:
            del left[name]
            continue
        words = next((why for start, why in LEFT_OUT.items() if name.startswith(start)), None)
        if words is not None:
            del left[name]
            if words not in result.left_out:
                result.left_out.append(words)
    if left:
        raise InputError(
            f"has {len(left):,} weights that are none of a model of type "
            f"{kind.prefix.rstrip('.')}: {listed(sorted(left))}; give a plain model"
        )


def _check_sizes(result: Imported, config: HubConfig) -> None:
    """Compares the weights that decide the size of a model with its configuration."""
    options, inner = config.options, config.options["encoder_ffn_embed_dim"]
    channels = options["encoder_embed_dim"]
    for name, weight in result.weights.items():
        if name.endswith(("_proj.weight", "fc1.weight", "fc2.weight")) and ".layers." in name:
            shapes = {"fc1": (inner, channels), "fc2": (channels, inner)}
            _check_shape(name, weight, *shapes.get(name.split(".")[-2], (channels, channels)))
