"""The options that name the tokenizer of an encoder, the same for every command."""

from __future__ import annotations

import argparse

from data_prep.corpus import InputError


def add_tokenizer_options(parser: argparse.ArgumentParser) -> None:
    tokenizer = parser.add_argument_group("tokenizer (SentencePiece, or GPT-2's two files)")
    tokenizer.add_argument("--sentencepiece-model", metavar="FILE")
    tokenizer.add_argument("--gpt2-encoder-json", metavar="FILE")
    tokenizer.add_argument("--gpt2-vocab-bpe", metavar="FILE")
    tokenizer.add_argument(
        "--dict",
        required=True,
        metavar="FILE",
        help="fairseq dictionary of the tokenizer (RoBERTa's dict.txt for GPT-2)",
    )


def tokenizer_files(arguments: argparse.Namespace) -> tuple[str, ...]:
    """(model, dict) or (encoder.json, vocab.bpe, dict)."""
    spm = arguments.sentencepiece_model
    gpt2 = (arguments.gpt2_encoder_json, arguments.gpt2_vocab_bpe)
    if bool(spm) == any(gpt2) or (any(gpt2) and not all(gpt2)):
        raise InputError(
            "give either --sentencepiece-model, or --gpt2-encoder-json and --gpt2-vocab-bpe"
        )
    return (spm, arguments.dict) if spm else (*gpt2, arguments.dict)
