"""Weights of fairseq's encoders as those of Hugging Face's models: dictionaries in and out.

Letters: V rows of a vocabulary, P of positions, N of token types, E channels of an embedding,
C of the layers.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from fairseq_cline.pretrained.hub_config import HubConfig
from fairseq_cline.pretrained.hub_names import (
    KINDS,
    LM_BIAS,
    LM_WEIGHT,
    OUR_POSITIONS,
    OUR_TOKEN_TYPES,
    OUR_WORDS,
    POSITIONS,
    TOKEN_TYPES,
    WORDS,
    classifier_names,
    encoder_names,
    masked_lm_names,
    pooler_names,
)
from fairseq_cline.pretrained.imported_weights import PADDING_ROWS


def to_hub(
    weights: dict[str, Tensor], config: HubConfig, rows: Sequence[int], head: str
) -> tuple[dict[str, Tensor], set[str]]:
    """Weights of an encoder of ours in the names, shapes and order of a Hugging Face model.

    Args:
        weights: those of the model in fairseq's names.
        config: of the model to make.
        rows: the row in their tables of each symbol of the dictionary.
        head: "masked_lm", "classifier" or "" for the encoder alone.

    Returns:
        Name -> weight, each in memory of its own; and the names in ``weights`` that were used.

    Raises:
        KeyError: a weight is missing; it holds the name.
    """
    kind, used = KINDS[config.kind], set()
    base, chosen = kind.prefix if head else "", torch.as_tensor(rows)
    made: dict[str, Tensor] = {}

    def taken(name: str) -> Tensor:
        used.add(name)
        return weights[name]

    def put(names: dict[str, str], before: str = "") -> None:
        made.update({before + theirs: taken(ours) for theirs, ours in names.items()})

    def put_table(theirs: str, ours: str) -> None:
        table = taken(ours)  # (V, ...)
        made[theirs] = table.new_zeros(config.vocabulary, *table.shape[1:])
        made[theirs][chosen] = table

    put_table(base + WORDS, OUR_WORDS)
    positions = taken(OUR_POSITIONS)
    before, rest = positions[:PADDING_ROWS], positions[PADDING_ROWS:]
    if config.first_position != PADDING_ROWS:
        before = positions.new_zeros(config.first_position, positions.size(1))
    made[base + POSITIONS] = torch.cat([before, rest])
    if config.options.get("token_types"):
        made[base + TOKEN_TYPES] = taken(OUR_TOKEN_TYPES)
    elif kind.token_types:
        made[base + TOKEN_TYPES] = positions.new_zeros(config.token_types, positions.size(1))
    put(encoder_names(kind, config.options["encoder_layers"]), base)
    if head == "masked_lm":
        put(masked_lm_names(kind))
        put_table(kind.lm_bias, LM_BIAS)
        used.add(LM_WEIGHT)
        if not config.tied:
            put_table(kind.lm_weight, LM_WEIGHT)
            made[f"{kind.lm_weight.removesuffix('weight')}bias"] = made[kind.lm_bias]
    elif head == "classifier":
        put(classifier_names(kind))
    else:
        # Their encoder always has the layer; zeros say that ours has none.
        channels = config.options["encoder_embed_dim"]
        shapes = ((channels, channels), (channels,))
        for (theirs, ours), shape in zip(pooler_names(kind).items(), shapes, strict=False):
            made[theirs] = taken(ours) if ours in weights else positions.new_zeros(shape)
    return {name: weight.detach().clone().contiguous() for name, weight in made.items()}, used
