"""``tokenizer.json``, the file of Hugging Face's tokenizers, checked, and its place in fairseq.

Taken are the tokenizers of encoders: WordPiece, byte-level BPE, Unigram or BPE with word marks.
They must split texts at spaces, and treat a chunk between two spaces alike in every sentence.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairseq.data import Dictionary

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import NO_CLASSES
from data_prep.files.byte_order_marks import without_mark
from data_prep.files.inputs import read_bounded
from data_prep.files.json_values import parse_json
from data_prep.tokenizers.json_components import (
    check_components,
    enclosing_tokens,
    loose_mark,
    space_matters,
)
from data_prep.tokenizers.tokenizer_folders import DICT

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_BYTES = 1 << 26
"""Largest tokenizer.json; that of XLM-R, with 250,002 tokens, has 17 MB."""
MASK = "<mask>"
_REMEDY = "give the tokenizer.json of a BERT-like or RoBERTa-like encoder"
# fairseq's symbol -> its names in the files.
_NAMES = {"<pad>": ("[PAD]", "<pad>"), "<unk>": ("[UNK]", "<unk>"), MASK: ("[MASK]", MASK)}


@dataclass(frozen=True)
class JsonTokenizer:
    """A tokenizer that adds no special token, cuts nothing off, and takes all text for text."""

    tokenizer: Tokenizer
    content: bytes
    """The file, without a byte order mark."""
    specials: dict[str, int]
    """``<s>``, ``<pad>``, ``</s>``, ``<unk>``, ``<mask>`` -> its id in the file."""
    others: dict[str, int]
    """Every other token -> its id in the file, in the order of the ids."""
    space_matters: bool
    """Whether the first chunk of a text gets other ids than the same chunk after a space."""
    loose_mark: int | None
    """Id that is left out where it is the last of a chunk; None: no chunk ends with it."""

    def dictionary(self) -> Dictionary:
        """The fairseq dictionary, without ``<mask>``, which tasks put behind its last symbol."""
        dictionary = Dictionary()
        for token in self.others:
            dictionary.add_symbol(token)
        return dictionary

    def ids(self) -> list[int]:
        """The file's id of each index of that dictionary, and of ``<mask>`` behind them."""
        first = [self.specials[symbol] for symbol in ("<s>", "<pad>", "</s>", "<unk>")]
        return [*first, *self.others.values(), self.specials[MASK]]


def read_tokenizer_json(path: str | os.PathLike[str]) -> JsonTokenizer:
    """Reads and checks a ``tokenizer.json``.

    Raises:
        InputError: it is missing or damaged, or is a tokenizer of another kind.
    """
    return parse_tokenizer_json(path, without_mark(read_bounded(path, MAX_BYTES)))


def parse_tokenizer_json(path: str | os.PathLike[str], content: bytes) -> JsonTokenizer:
    """Checks the content of a ``tokenizer.json``.

    Args:
        path: names it in messages.

    Raises:
        InputError: it is damaged, or is a tokenizer of another kind.
    """
    from tokenizers import Tokenizer

    try:
        parse_json(content)
        tokenizer = Tokenizer.from_str(content.decode())
    except Exception as error:  # the library has no class of its own
        raise InputError(
            f"{path}: not a tokenizer of Hugging Face's library ({' '.join(str(error).split())}"
            f"); {_REMEDY}"
        ) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True  # where they stand in a text they are text
    try:
        check_components(tokenizer)
        specials, others = _vocabulary(tokenizer)
        tokenizer.post_processor = None  # it would add <s> and </s>
    except ValueError as error:
        raise InputError(f"{path}: {error}; {_REMEDY}") from error
    matters, mark = space_matters(tokenizer), loose_mark(tokenizer)
    return JsonTokenizer(tokenizer, content, specials, others, matters, mark)


def _vocabulary(tokenizer: Tokenizer) -> tuple[dict[str, int], dict[str, int]]:
    """The special tokens and the others.

    Raises:
        ValueError: a special token is missing, two tokens have one id, or one cannot be a symbol of
            fairseq.
    """
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    first, last = enclosing_tokens(tokenizer)
    specials = {"<s>": first, "</s>": last}
    for symbol, names in _NAMES.items():
        there = [name for name in names if name in vocabulary]
        if len(there) != 1:
            raise ValueError(f"has {len(there)} of the tokens {' and '.join(names)}, not one")
        specials[symbol] = vocabulary[there[0]]
    taken = {*specials.values()}
    if not taken <= {*vocabulary.values()}:
        raise ValueError("puts a token around a text that is not in its vocabulary")
    if len(taken) < len(specials):
        raise ValueError("has one token for two purposes, as of [CLS] and [SEP]")
    others = sorted((number, token) for token, number in vocabulary.items() if number not in taken)
    if len(others) + len(taken) < len(vocabulary) or len({n for n, _ in others}) < len(others):
        raise ValueError("has two tokens with one id")
    for _, token in others:
        if token in NO_CLASSES:
            raise ValueError(f"has the token {token}, which fairseq adds itself, besides its own")
        if not token or {*token} & {"\n", "\r"}:
            raise ValueError(f"has the token {token!r:.40}, which no line of {DICT} can hold")
    return specials, {token: number for number, token in others}
