"""The options of every command that makes a data-bin for classification."""

from __future__ import annotations

import argparse

from data_prep.classification.labeled_databin import Options
from data_prep.classification.splits import Draws
from data_prep.files.option_numbers import seed
from data_prep.files.published_data import add_published_options
from data_prep.tokenizers.options import (
    add_tokenizer_option,
    add_word_options,
    chosen_tokenizer,
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that every such command has, whatever its texts are."""
    add_published_options(parser)
    parser.add_argument(
        "--valid-share",
        type=float,
        default=Draws.valid_share,
        metavar="S",
        help="share of the training examples, above 0 and below 1, that become the validation "
        "split where there is none (default: %(default)s)",
    )
    parser.add_argument(
        "--train-share",
        type=float,
        default=Draws.train_share,
        metavar="S",
        help="share of the remaining training examples, above 0 to 1, that is kept, at least one "
        "of each class (default: %(default)s; Table 6 of CLINE: 0.01 and 0.1)",
    )
    parser.add_argument(
        "--seed", type=seed, default=Draws.seed, help="seed of these draws (default: %(default)s)"
    )
    add_tokenizer_option(parser, "that of the encoder")
    add_word_options(parser)


def chosen_options(arguments: argparse.Namespace, regression: bool) -> Options:
    """The values of the options that ``add_options`` adds.

    Args:
        regression: labels are numbers.

    Raises:
        InputError: the options do not fit each other.
    """
    draws = Draws(arguments.valid_share, arguments.train_share, arguments.seed)
    return Options(chosen_tokenizer(arguments), regression, draws)
