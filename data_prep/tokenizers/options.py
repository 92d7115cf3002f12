"""Options of the commands that name the tokenizer of an encoder."""

from __future__ import annotations

import argparse

from data_prep.errors import InputError
from data_prep.files.option_numbers import whole_number
from data_prep.tokenizers.text_encoders import Tokenizer, Words


def add_tokenizer_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that name a tokenizer of sub-words."""
    tokenizer = parser.add_argument_group("tokenizer (SentencePiece, or GPT-2's two files)")
    tokenizer.add_argument("--sentencepiece-model", metavar="FILE")
    tokenizer.add_argument("--gpt2-encoder-json", metavar="FILE")
    tokenizer.add_argument("--gpt2-vocab-bpe", metavar="FILE")
    tokenizer.add_argument(
        "--dict",
        metavar="FILE",
        help="fairseq dictionary of the tokenizer (RoBERTa's dict.txt for GPT-2)",
    )


def add_word_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options for words instead of sub-words, for encoders without pre-training."""
    words = parser.add_argument_group("words instead of sub-words")
    words.add_argument(
        "--words",
        action="store_true",
        help="cut texts into the words of NLTK's tokenizer, in small letters; the dictionary is made "
        "of the training examples, or is that of --dict",
    )
    words.add_argument("--keep-case", action="store_true", help="leave capital letters as they are")
    words.add_argument(
        "--min-count",
        type=whole_number(1),
        metavar="N",
        help="words rarer than this in the training examples become <unk> (default: 2, so that "
        "<unk> is trained too)",
    )


def tokenizer_files(arguments: argparse.Namespace) -> tuple[str, ...]:
    """The files that the options name: (model, dict) or (encoder.json, vocab.bpe, dict).

    Raises:
        InputError: one is missing, or there are too many.
    """
    spm = arguments.sentencepiece_model
    gpt2 = (arguments.gpt2_encoder_json, arguments.gpt2_vocab_bpe)
    if bool(spm) == any(gpt2) or (any(gpt2) and not all(gpt2)):
        raise InputError(
            "give either --sentencepiece-model, or --gpt2-encoder-json and --gpt2-vocab-bpe"
        )
    if not arguments.dict:
        raise InputError("a sub-word tokenizer needs its fairseq dictionary; give --dict")
    return (spm, arguments.dict) if spm else (*gpt2, arguments.dict)


def chosen_tokenizer(arguments: argparse.Namespace) -> Tokenizer:
    """The choice that the options make: words, or the files of a sub-word tokenizer.

    Raises:
        InputError: the options do not fit each other.
    """
    if not arguments.words:
        if arguments.keep_case or arguments.min_count is not None:
            raise InputError(
                "--keep-case and --min-count are for --words; give it or leave them out"
            )
        return tokenizer_files(arguments)
    if any((arguments.sentencepiece_model, arguments.gpt2_encoder_json, arguments.gpt2_vocab_bpe)):
        raise InputError("--words: leave out the options of a sub-word tokenizer")
    if arguments.min_count is None:
        return Words(not arguments.keep_case, dictionary=arguments.dict)
    if arguments.dict:
        raise InputError("--min-count and --dict both say which words there are; give one of them")
    return Words(not arguments.keep_case, arguments.min_count)
