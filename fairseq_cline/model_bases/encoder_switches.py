"""Options of the encoder family: what BERT, DistilBERT and ALBERT have and fairseq's RoBERTa has not.

Each has its value for RoBERTa by default, so that a configuration without them is that of a RoBERTa.
"""

from argparse import ArgumentParser, Namespace
from typing import Any

from fairseq.models.roberta import RobertaModel, base_architecture

from data_prep.errors import InputError
from fairseq_cline.modules.sentence_feature import SENTENCE_FEATURES
from fairseq_cline.option_ranges import POSITIVE, at_least, check_options

# Kinds of Hugging Face models, the keys of pretrained.hub_names.KINDS: a checkpoint says as which of
# them it is exported.
HUB_TYPES = ("roberta", "xlm-roberta", "bert", "distilbert", "albert")

OF_ROBERTA: dict[str, Any] = {
    "token_types": 0,
    "layer_norm_eps": 1e-5,
    "embedding_dim": None,
    "share_layers": False,
    "pooler": False,
    "sentence_feature": "cls",
    "hub_type": "roberta",
    "fresh_masked_lm": False,  # whether an import made the masked-LM head, which was missing
}
OF_BERT = OF_ROBERTA | {"token_types": 2, "layer_norm_eps": 1e-12, "hub_type": "bert"}
CHOICES = {"sentence_feature": SENTENCE_FEATURES, "hub_type": HUB_TYPES}


def leading_tokens(hub_type: str) -> dict[str, int | None]:
    """The tokens before the texts of an example, as the options of fairseq's `sentence_prediction`.

    Each text ends with </s>; RoBERTa puts another one before the second text of a pair.
    """
    bos, eos = 0, 2  # in every dictionary of fairseq
    two = hub_type in ("roberta", "xlm-roberta")
    return {"init_token": bos, "separator_token": eos if two else None}


def add_arguments(parser: ArgumentParser) -> None:
    """Adds RoBERTa's options, and those of the family."""
    RobertaModel.add_args(parser)
    parser.add_argument(
        "--token-types",
        type=int,
        metavar="N",
        help="number of token-type embeddings; with 2 those of the second text of a pair differ. "
        "0: none (RoBERTa: 0; BERT, ALBERT: 2)",
    )
    parser.add_argument(
        "--layer-norm-eps",
        type=float,
        metavar="X",
        help="what every layer normalization adds to the variance, > 0 (RoBERTa: 1e-5; BERT: 1e-12)",
    )
    parser.add_argument(
        "--embedding-dim",
        type=int,
        metavar="E",
        help="channels of a word embedding, > 0, which a matrix projects to those of the layers "
        "(ALBERT: 128; default: those of the layers, without a matrix)",
    )
    parser.add_argument(
        "--share-layers",
        action="store_true",
        help="one layer serves all depths (ALBERT)",
    )
    parser.add_argument(
        "--pooler",
        action="store_true",
        help="keep the matrix that BERT puts on <s>: a new classification head starts from it, and "
        "exports have it; pre-training here leaves it as it is",
    )
    parser.add_argument(
        "--sentence-feature",
        choices=SENTENCE_FEATURES,
        help="what stands for a sentence in CLINE's contrast, DCL's alignment, encode and export: "
        "cls: the features of <s> (the papers' [CLS], default); mean: the mean of all tokens, <s> "
        "and </s> included (sentence encoders such as MiniLM are read so)",
    )


def fill_in(args: Namespace, **values: Any) -> None:
    """Sets what the user, or a caller before, has left open."""
    for name, value in values.items():
        if name not in args:
            setattr(args, name, value)


def roberta_architecture(args: Namespace) -> None:
    """RoBERTa's value for all that is open; sizes are those of RoBERTa-base."""
    fill_in(args, **OF_ROBERTA)
    base_architecture(args)


def check(args: Namespace) -> None:
    """Checks the options of a model before it is built.

    Raises:
        InputError: one is out of range, or they do not go together; names flag and remedy.
    """
    check_options(
        args, encoder_layers=at_least(1), token_types=at_least(0), layer_norm_eps=POSITIVE
    )
    for name, choices in CHOICES.items():
        if getattr(args, name) not in choices:
            raise InputError(
                f"{name} is {getattr(args, name)!s:.40}, but must be one of {', '.join(choices)}"
            )
    if args.embedding_dim is not None:
        check_options(args, embedding_dim=at_least(1))
        if args.encoder_normalize_before and not args.share_layers:
            raise InputError(
                "--encoder-normalize-before does not go with --embedding-dim; leave one out"
            )
    if args.share_layers:
        for name in ("encoder_layerdrop", "encoder_layers_to_keep", "encoder_normalize_before"):
            if getattr(args, name):
                raise InputError(
                    f"--{name.replace('_', '-')} is not for ALBERT, whose layers are one "
                    "(--share-layers); leave it out"
                )
