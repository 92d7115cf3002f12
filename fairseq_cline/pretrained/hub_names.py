"""The names of weights in Hugging Face models of each kind, beside those of fairseq.

A module's name stands for its ``weight`` and ``bias``. The names of an encoder follow the prefix
of its kind in a model with a head, and stand alone in one without.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SENTENCE_ENCODER = "encoder.sentence_encoder."
HEAD = "classification_heads.sentence_classification_head."
POSITIONS = "embeddings.position_embeddings.weight"
TOKEN_TYPES = "embeddings.token_type_embeddings.weight"
WORDS = "embeddings.word_embeddings.weight"
LM_BIAS = "encoder.lm_head.bias"
LM_WEIGHT = "encoder.lm_head.weight"
OUR_POSITIONS = f"{SENTENCE_ENCODER}embed_positions.weight"
OUR_TOKEN_TYPES = f"{SENTENCE_ENCODER}embed_token_types.weight"
OUR_WORDS = f"{SENTENCE_ENCODER}embed_tokens.weight"
OUR_POOLER = ("encoder.pooler_weight", "encoder.pooler_bias")

# Weights that a model computes from others, or that have no place in any model of ours -> why.
DERIVED = ("embeddings.position_ids", "embeddings.token_type_ids")
LEFT_OUT = {
    "cls.seq_relationship.": "the next-sentence head of BERT's pre-training",
    "sop_classifier.": "the sentence-order head of ALBERT's pre-training",
    "qa_outputs.": "a head for questions and answers",
    "classifier.": "a head that is not for classes of sentences",
    "pre_classifier.": "a head that is not for classes of sentences",
}


@dataclass(frozen=True)
class HubKind:
    """The names of a kind; modules of theirs -> modules of fairseq."""

    prefix: str
    """Prefix of the encoder, in a model with a head."""
    layer_prefix: str
    """Prefix of a layer, with {} for its number."""
    layer: Mapping[str, str]
    masked_lm: Mapping[str, str]
    """The vocabulary head: dense layer and LayerNorm."""
    lm_bias: str
    lm_weight: str
    classifier: Mapping[str, str]
    """The head for classes of sentences; {} stands for the pooler."""
    pooler: str = ""
    """The dense layer of [CLS]; "": it has none."""
    shared: bool = False
    """Whether all layers are one (ALBERT)."""
    class_prefix: str = ""
    """How the names of its classes in transformers begin."""
    token_types: bool = True
    """Whether it has a table of token types at all."""
    offset_positions: bool = False
    """Whether positions are counted from the index after that of padding (RoBERTa)."""


def _bert_layer() -> dict[str, str]:
    return {
        "attention.self.query": "self_attn.q_proj",
        "attention.self.key": "self_attn.k_proj",
        "attention.self.value": "self_attn.v_proj",
        "attention.output.dense": "self_attn.out_proj",
        "attention.output.LayerNorm": "self_attn_layer_norm",
        "intermediate.dense": "fc1",
        "output.dense": "fc2",
        "output.LayerNorm": "final_layer_norm",
    }


def _roberta(class_prefix: str) -> HubKind:
    return HubKind(
        prefix="roberta.",
        layer_prefix="encoder.layer.{}.",
        layer=_bert_layer(),
        masked_lm={"lm_head.dense": "dense", "lm_head.layer_norm": "layer_norm"},
        lm_bias="lm_head.bias",
        lm_weight="lm_head.decoder.weight",
        classifier={"classifier.dense": "dense", "classifier.out_proj": "out_proj"},
        pooler="pooler.dense",
        class_prefix=class_prefix,
        offset_positions=True,
    )


KINDS = {
    "roberta": _roberta("Roberta"),
    "xlm-roberta": _roberta("XLMRoberta"),
    "bert": HubKind(
        prefix="bert.",
        layer_prefix="encoder.layer.{}.",
        layer=_bert_layer(),
        masked_lm={
            "cls.predictions.transform.dense": "dense",
            "cls.predictions.transform.LayerNorm": "layer_norm",
        },
        lm_bias="cls.predictions.bias",
        lm_weight="cls.predictions.decoder.weight",
        classifier={"{}": "dense", "classifier": "out_proj"},
        pooler="pooler.dense",
        class_prefix="Bert",
    ),
    "distilbert": HubKind(
        prefix="distilbert.",
        layer_prefix="transformer.layer.{}.",
        layer={
            "attention.q_lin": "self_attn.q_proj",
            "attention.k_lin": "self_attn.k_proj",
            "attention.v_lin": "self_attn.v_proj",
            "attention.out_lin": "self_attn.out_proj",
            "sa_layer_norm": "self_attn_layer_norm",
            "ffn.lin1": "fc1",
            "ffn.lin2": "fc2",
            "output_layer_norm": "final_layer_norm",
        },
        masked_lm={"vocab_transform": "dense", "vocab_layer_norm": "layer_norm"},
        lm_bias="vocab_projector.bias",
        lm_weight="vocab_projector.weight",
        classifier={"pre_classifier": "dense", "classifier": "out_proj"},
        class_prefix="DistilBert",
        token_types=False,
    ),
    "albert": HubKind(
        prefix="albert.",
        layer_prefix="encoder.albert_layer_groups.{}.albert_layers.0.",
        layer={
            "attention.query": "self_attn.q_proj",
            "attention.key": "self_attn.k_proj",
            "attention.value": "self_attn.v_proj",
            "attention.dense": "self_attn.out_proj",
            "attention.LayerNorm": "self_attn_layer_norm",
            "ffn": "fc1",
            "ffn_output": "fc2",
            "full_layer_layer_norm": "final_layer_norm",
        },
        masked_lm={"predictions.dense": "dense", "predictions.LayerNorm": "layer_norm"},
        lm_bias="predictions.bias",
        lm_weight="predictions.decoder.weight",
        classifier={"{}": "dense", "classifier": "out_proj"},
        pooler="pooler",
        class_prefix="Albert",
        shared=True,
    ),
}


def _of_module(theirs: str, ours: str) -> Iterator[tuple[str, str]]:
    for part in ("weight", "bias"):
        yield f"{theirs}.{part}", f"{ours}.{part}"


def encoder_names(kind: HubKind, layers: int) -> dict[str, str]:
    """Names of an encoder without its word, position and type tables: theirs -> fairseq's.

    Args:
        layers: their number; of shared layers one is named.
    """
    names = dict(_of_module("embeddings.LayerNorm", f"{SENTENCE_ENCODER}layernorm_embedding"))
    for number in range(1 if kind.shared else layers):
        before = kind.layer_prefix.format(number)
        for theirs, ours in kind.layer.items():
            names |= _of_module(before + theirs, f"{SENTENCE_ENCODER}layers.{number}.{ours}")
    if kind.shared:
        into = "encoder.embedding_hidden_mapping_in"
        names |= _of_module(into, f"{SENTENCE_ENCODER}projection")
    return names


def masked_lm_names(kind: HubKind) -> dict[str, str]:
    """Names of the vocabulary head without its weight and bias: theirs -> fairseq's."""
    names: dict[str, str] = {}
    for theirs, ours in kind.masked_lm.items():
        names |= _of_module(theirs, f"encoder.lm_head.{ours}")
    return names


def pooler_names(kind: HubKind) -> dict[str, str]:
    """Names of the dense layer of [CLS], after the prefix of the encoder: theirs -> ours."""
    if not kind.pooler:
        return {}
    return dict(zip((f"{kind.pooler}.weight", f"{kind.pooler}.bias"), OUR_POOLER, strict=True))


def classifier_names(kind: HubKind) -> dict[str, str]:
    """Names of the head for classes, in full: theirs -> fairseq's."""
    names: dict[str, str] = {}
    for theirs, ours in kind.classifier.items():
        names |= _of_module(theirs.format(kind.prefix + kind.pooler), HEAD + ours)
    return names
