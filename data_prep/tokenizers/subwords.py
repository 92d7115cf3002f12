"""Sub-word encoders that know which tokens belong to a replaced word.

The makers of triplets encode chunk by chunk (a chunk is what stands between two spaces). No piece
of these tokenizers crosses a space, so the result equals the encoding of the whole sentence, and
each distinct chunk is encoded once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Protocol

from fairseq.data import Dictionary

from data_prep.errors import InputError
from data_prep.tokenizers.library_encoders import GPT2Encoder, JsonEncoder
from data_prep.tokenizers.marked_spans import Extent, Pieces
from data_prep.tokenizers.sentencepiece_encoder import SentencePieceEncoder
from data_prep.tokenizers.tokenizer_folders import GPT2, JSON, SENTENCEPIECE, WORDS, tokenizer_kind


class SubwordEncoder(Protocol):
    """A tokenizer whose tokens are parts of words."""

    kind: str
    """Name of the kind of tokenizer, for the manifest."""
    sha256: str
    """SHA-256 of the tokenizer's files, for the manifest."""
    dictionary: Dictionary
    """The dictionary that gives each sub-word its id."""
    space_matters: bool
    """Whether the first chunk of a text gets other ids than the same chunk after a space."""

    def encode(self, chunk: str, span: Extent, first: bool = False) -> Pieces | None:
        """The pieces of a chunk; those in ``span`` = [begin, end), in characters, are marked.

        None when a piece crosses the border of the span: its label would be a lie.
        """

    def encode_texts(self, texts: Sequence[str]) -> list[list[int]]:
        """The dictionary ids of each text, as the tokenizer's own library gives them.

        ``<s>`` and ``</s>`` are left to the caller. Special tokens that stand in a text are text.
        """

    def decode(self, ids: list[int]) -> str:
        """The text of dictionary ids."""

    def begins_word(self, symbol: str) -> bool:
        """Whether a symbol of the dictionary begins a word, after a space."""

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Writes ``dict.txt`` and the files of the tokenizer: the folder is a tokenizer folder."""


_ENCODERS: dict[tuple[str, ...], Callable[[str | os.PathLike[str]], SubwordEncoder]] = {
    SENTENCEPIECE: SentencePieceEncoder,
    GPT2: GPT2Encoder,
    JSON: JsonEncoder,
}


def load_encoder(folder: str | os.PathLike[str]) -> SubwordEncoder:
    """The encoder of a tokenizer folder, or of a data-bin, which is one.

    Raises:
        InputError: a file is missing, damaged, or does not fit the others.
    """
    kind = tokenizer_kind(folder)
    if kind == WORDS:
        raise InputError(
            f"{folder}: a tokenizer of whole words, but sub-words are needed; name another folder"
        )
    return _ENCODERS[kind](folder)
