"""The two files of GPT-2's byte-level BPE, checked before a tokenizer is made of them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_prep.errors import InputError
from data_prep.files.byte_order_marks import UTF_8
from data_prep.files.json_values import parse_json
from data_prep.files.lines import text_errors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MOST = 1 << 31  # numbers of symbols are smaller


def read_gpt2_files(
    encoder_json: str | os.PathLike[str], vocab_bpe: str | os.PathLike[str]
) -> Tokenizer:
    """The tokenizer of ``encoder.json`` and ``vocab.bpe``; it can encode every text.

    Raises:
        InputError: a file is missing or damaged, or they do not belong together.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    for path in (encoder_json, vocab_bpe):
        if not Path(path).is_file():
            raise InputError(f"{path}: no such file; GPT-2 BPE needs encoder.json, vocab.bpe")
    symbols = _read_symbols(encoder_json)
    with text_errors(vocab_bpe):
        version, *lines = Path(vocab_bpe).read_text(UTF_8).split("\n")
    pairs = [line.split() for line in lines[:-1]]
    if lines[-1:] != [""] or not version.startswith("#version") or any(len(p) != 2 for p in pairs):
        raise InputError(
            f"{vocab_bpe}: not GPT-2's vocab.bpe, a line #version and two symbols in each other "
            "one; fetch it again"
        )
    merges = [(first, second) for first, second in pairs]
    made = {part for first, second in merges for part in (first, second, first + second)}
    lacking = sorted({*pre_tokenizers.ByteLevel.alphabet(), *made} - symbols.keys())
    if lacking:
        raise InputError(
            f"{encoder_json}: lacks {len(lacking):,} symbols that {vocab_bpe} can make, as "
            f"{lacking[0]!r}; fetch both files again"
        )
    tokenizer = Tokenizer(models.BPE(symbols, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _read_symbols(path: str | os.PathLike[str]) -> dict[str, int]:
    """Symbol -> its number, each another one."""
    symbols: Any = None
    with text_errors(path):
        text = Path(path).read_text(UTF_8)
    with contextlib.suppress(ValueError):
        symbols = parse_json(text)
    numbers = [*symbols.values()] if isinstance(symbols, dict) else []
    kinds = {*map(type, numbers)}
    if (
        kinds != {int}
        or len({*numbers}) < len(numbers)
        or not 0 <= min(numbers) <= max(numbers) < _MOST
    ):
        raise InputError(
            f"{path}: not GPT-2's encoder.json, a number for each symbol; fetch it again"
        )
    return symbols
