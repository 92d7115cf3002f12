"""The configuration of a Hugging Face model that is equal to an encoder of ours."""

from collections.abc import Mapping, Sequence
from typing import Any

from data_prep.errors import InputError
from data_prep.files.name_lists import shortened
from fairseq_cline.pretrained.hub_config import (
    ACTIVATION,
    ACTIVATIONS,
    DISTILBERT_EPS,
    DROPOUTS,
    HEAD_DROPOUT,
    ROBERTA_HEAD_ACTIVATION,
    SIZES,
    STOCK_ROBERTA,
    HubConfig,
)
from fairseq_cline.pretrained.hub_names import KINDS

# Options of a RoBERTa that no such model has in another form.
_REQUIRED = {
    "encoder_normalize_before": False,
    "layernorm_embedding": True,
    "no_scale_embedding": True,
    "encoder_learned_pos": True,
    "no_token_positional_embeddings": False,
}
# Heads of transformers: the end of their classes' names.
CLASSES = {"": "Model", "masked_lm": "ForMaskedLM", "classifier": "ForSequenceClassification"}


def hub_options(options: Mapping[str, Any], head: str, vocabulary: int, padding: int) -> HubConfig:
    """The form of the model that an encoder becomes.

    Args:
        options: those of the encoder, as its ``args`` have them.
        head: a key of ``CLASSES``.
        vocabulary: rows of the word table to make.
        padding: the id of padding in it.

    Raises:
        InputError: no model of its kind is equal to it; the message names the option.
    """
    options = {**STOCK_ROBERTA, "hub_type": "roberta", **options}
    kind = options["hub_type"]
    if kind not in KINDS:
        raise InputError(f"hub_type is {shortened(repr(kind))}, not one of {', '.join(KINDS)}")
    _check(options, kind, head)
    first = padding + 1 if KINDS[kind].offset_positions else 0
    types = options["token_types"]
    # Those that have a table of one row in RoBERTa; BERT's tokenizers ask for a second one.
    rows = 0 if not KINDS[kind].token_types else types or (1 if first else 2)
    return HubConfig(
        kind=kind,
        options=options,
        vocabulary=vocabulary,
        positions=options["max_positions"] + first,
        first_position=first,
        token_types=rows,
        tied=not options.get("untie_weights_roberta"),
    )


def _check(options: Mapping[str, Any], kind: str, head: str) -> None:
    roberta, distilbert = KINDS[kind].offset_positions, kind == "distilbert"
    wanted: dict[str, Any] = {**_REQUIRED}
    if kind in ("roberta", "xlm-roberta", "distilbert"):
        wanted["token_types"] = 0
    if roberta:
        wanted["activation_fn"] = ROBERTA_HEAD_ACTIVATION
    if distilbert:
        wanted["layer_norm_eps"] = DISTILBERT_EPS
    if head == "classifier":
        wanted["pooler_activation_fn"] = "relu" if distilbert else "tanh"
    wanted["share_layers"] = KINDS[kind].shared
    if not KINDS[kind].shared:
        wanted["embedding_dim"] = None
    for name, value in wanted.items():
        found = options.get(name, value)
        if found != value:
            raise InputError(
                f"its --{name.replace('_', '-')} is {shortened(str(found))}, and a Hugging Face "
                f"model of type {kind} always has {value}, so that none is equal to it; train with "
                "that value"
            )
    if KINDS[kind].shared and not options.get("embedding_dim"):
        raise InputError(
            f"it has no --embedding-dim, which a Hugging Face model of type {kind} always has; "
            "train with one"
        )
    if options["activation_fn"] not in ACTIVATIONS.values():
        raise InputError(
            f"its --activation-fn is {shortened(str(options['activation_fn']))}, which no Hugging "
            f"Face model of type {kind} has; train with gelu"
        )


def config_json(
    config: HubConfig, head: str, specials: Mapping[str, int], labels: Sequence[str]
) -> dict[str, Any]:
    """The content of ``config.json``.

    Args:
        head: a key of ``CLASSES``.
        specials: fairseq's special symbols -> their ids in the tokenizer.
        labels: names of the classes of a classifier.
    """
    kind, options = KINDS[config.kind], config.options
    distilbert = config.kind == "distilbert"
    activation = next(
        name for name, ours in ACTIVATIONS.items() if ours == options["activation_fn"]
    )
    content: dict[str, Any] = {
        "architectures": [kind.class_prefix + CLASSES[head]],
        "model_type": config.kind,
        "vocab_size": config.vocabulary,
        **{names[distilbert]: options[ours] for ours, names in SIZES.items()},
        "max_position_embeddings": config.positions,
        ACTIVATION[distilbert]: activation,
        **{names[distilbert]: options[ours] for ours, names in DROPOUTS.items()},
        HEAD_DROPOUT.get(config.kind, "classifier_dropout"): options["pooler_dropout"],
        "initializer_range": 0.02,
        "pad_token_id": specials["<pad>"],
        "tie_word_embeddings": config.tied,
        "dtype": "float32",
    }
    if not distilbert:
        content["layer_norm_eps"] = options["layer_norm_eps"]
        content["type_vocab_size"] = config.token_types
    if kind.shared:
        content |= {"embedding_size": config.embedding_dim, "num_hidden_groups": 1}
        content["inner_group_num"] = 1
    if kind.offset_positions or kind.shared:
        content |= {"bos_token_id": specials["<s>"], "eos_token_id": specials["</s>"]}
    if head == "classifier":
        content["id2label"] = {str(number): name for number, name in enumerate(labels)}
        content["label2id"] = {name: number for number, name in enumerate(labels)}
        content["problem_type"] = (
            "regression" if len(labels) == 1 else "single_label_classification"
        )
    return content
