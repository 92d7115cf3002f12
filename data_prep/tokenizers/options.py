"""Options of the commands that name a tokenizer."""

from __future__ import annotations

import argparse
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.option_numbers import whole_number
from data_prep.tokenizers.text_encoders import Tokenizer, Words
from data_prep.tokenizers.tokenizer_folders import CONTENT


def add_tokenizer_option(
    parser: argparse._ActionsContainer, what: str, required: bool = False
) -> None:
    """Adds ``--tokenizer``.

    Args:
        what: whose tokenizer it is, for its help.
    """
    parser.add_argument(
        "--tokenizer",
        type=Path,
        metavar="FOLDER",
        required=required,
        help=f"{what}: a folder with {CONTENT}; a data-bin is one",
    )


def add_word_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options for words instead of sub-words, for encoders without pre-training."""
    words = parser.add_argument_group("words instead of --tokenizer")
    words.add_argument(
        "--words",
        action="store_true",
        help="cut texts into the words of NLTK's tokenizer, in small letters; the dictionary is made "
        "of the training examples",
    )
    words.add_argument("--keep-case", action="store_true", help="leave capital letters as they are")
    words.add_argument(
        "--min-count",
        type=whole_number(1),
        metavar="N",
        help="words rarer than this in the training examples become <unk> (default: "
        f"{Words.min_count}, so that <unk> is trained too)",
    )


def chosen_tokenizer(arguments: argparse.Namespace) -> Tokenizer:
    """The choice that the options make: a tokenizer folder, or words.

    Raises:
        InputError: the options do not fit each other.
    """
    if bool(arguments.tokenizer) == arguments.words:
        raise InputError(
            "give either --tokenizer FOLDER, that of the encoder, or --words for one without "
            "pre-training"
        )
    if arguments.words:
        return Words(not arguments.keep_case, arguments.min_count or Words.min_count)
    if arguments.keep_case or arguments.min_count is not None:
        raise InputError("--keep-case and --min-count are for --words; give it or leave them out")
    return arguments.tokenizer
