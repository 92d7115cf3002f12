"""Sub-word encoders that know which tokens belong to a replaced word.

Text is encoded chunk by chunk (a chunk is what stands between two spaces). No piece of
SentencePiece or of GPT-2's BPE crosses a space, so the result equals the encoding of the whole
sentence, and each distinct chunk is encoded once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import sentencepiece
from fairseq.data import Dictionary

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import STRUCTURE, WORD_START, load_dictionary
from data_prep.files.checksums import file_sha256, text_sha256
from data_prep.tokenizers.gpt2_files import read_gpt2_files


@dataclass(frozen=True)
class Pieces:
    """The dictionary ids of a chunk and, for each, whether it is part of the marked span."""

    ids: list[int]
    labels: list[int]


class SubwordEncoder(Protocol):
    """A tokenizer as the maker of triplets needs it."""

    kind: str
    """Name of the kind of tokenizer, for the manifest."""
    sha256: str
    """SHA-256 of the tokenizer's files, for the manifest."""
    dictionary: Dictionary
    """The dictionary that gives each sub-word its id."""
    space_matters: bool
    """Whether the first chunk of a text gets other ids than the same chunk after a space."""

    def encode(self, chunk: str, span: tuple[int, int], first: bool = False) -> Pieces | None:
        """The pieces of a chunk; those in ``span`` = [begin, end), in characters, are marked.

        None when a piece crosses the border of the span: its label would be a lie.
        """

    def decode(self, ids: list[int]) -> str:
        """The text of dictionary ids."""

    def begins_word(self, symbol: str) -> bool:
        """Whether a symbol of the dictionary begins a word, after a space."""


def _label(extents: list[tuple[int, int]], span: tuple[int, int]) -> list[int] | None:
    """The label of each extent, 1 inside ``span``; None when one lies across its border.

    An empty extent (a bare word mark, the first bytes of a character) counts where it stands.
    """
    begin, end = span
    labels = []
    for low, high in extents:
        inside = begin <= low < end and high <= end
        if not inside and low < end and high > begin:
            return None
        labels.append(int(inside))
    return labels


class SentencePieceEncoder:
    """A SentencePiece model whose pieces are the symbols of a fairseq dictionary."""

    kind = "sentencepiece"
    space_matters = False

    def __init__(self, model: str, dictionary: str) -> None:
        if not Path(model).is_file():
            raise InputError(
                f"{model}: no such SentencePiece model; "
                "train one with python -m data_prep.train_sentencepiece"
            )
        try:
            self._model = sentencepiece.SentencePieceProcessor(model_file=model)
        except (RuntimeError, OSError) as error:
            raise InputError(f"{model}: not a SentencePiece model; train it again") from error
        self.dictionary = load_dictionary(dictionary)
        self.sha256 = file_sha256(model)
        pieces = self._model.id_to_piece(list(range(self._model.get_piece_size())))
        unknown = self.dictionary.unk()
        words = [i for i in range(len(pieces)) if not self._model.is_control(i)]
        # A model may have been trained with <pad> or <mask> as a word of its own.
        literal = {i for i in words if pieces[i] in STRUCTURE}
        real = [i for i in words if i not in literal and i != self._model.unk_id()]
        self._ids = [
            unknown if i in literal else self.dictionary.index(piece)
            for i, piece in enumerate(pieces)
        ]
        self._from_dictionary = {new: old for old, new in enumerate(self._ids)}
        self._from_dictionary[unknown] = self._model.unk_id()
        missing = sum(self._ids[i] == unknown for i in real)
        if missing:
            raise InputError(
                f"{dictionary}: lacks {missing} of the {len(real)} pieces of {model}; "
                "give the dict.txt that was written with this model"
            )

    def encode(self, chunk: str, span: tuple[int, int], first: bool = False) -> Pieces | None:
        found = self._model.encode(chunk, return_type="offset_mapping")
        labels = _label(found["offsets"], span)
        return None if labels is None else Pieces([self._ids[i] for i in found["ids"]], labels)

    def decode(self, ids: list[int]) -> str:
        return self._model.decode([self._from_dictionary[i] for i in ids])

    def begins_word(self, symbol: str) -> bool:
        return symbol.startswith(WORD_START)


class GPT2Encoder:
    """GPT-2's byte-level BPE, as RoBERTa uses it: dictionary symbols are BPE ids in decimal."""

    kind = "gpt2"
    space_matters = True

    def __init__(self, encoder_json: str, vocab_bpe: str, dictionary: str) -> None:
        self._bpe = read_gpt2_files(encoder_json, vocab_bpe)
        self.dictionary = load_dictionary(dictionary)
        self.sha256 = text_sha256(encoder_json, vocab_bpe)
        unknown = self.dictionary.unk()
        missing = sum(self.dictionary.index(str(i)) == unknown for i in self._bpe.decoder)
        # RoBERTa's dictionary lacks a handful of symbols that never occurred in its corpus.
        if missing > len(self._bpe.decoder) // 100:
            raise InputError(
                f"{dictionary}: lacks {missing} of the {len(self._bpe.decoder)} BPE symbols of "
                f"{encoder_json}; give the dict.txt that belongs to it"
            )

    def encode(self, chunk: str, span: tuple[int, int], first: bool = False) -> Pieces | None:
        text = chunk if first else " " + chunk
        shift = len(text) - len(chunk)
        begin = len(text[: span[0] + shift].encode())
        end = len(text[: span[1] + shift].encode())
        ids, extents, position = [], [], 0
        for word in self._bpe.re.findall(self._bpe.pat, text):
            raw = word.encode()
            for piece in self._bpe.bpe("".join(self._bpe.byte_encoder[b] for b in raw)).split(" "):
                ids.append(self.dictionary.index(str(self._bpe.encoder[piece])))
                # The space in front belongs to the word, not to its neighbor.
                low = position + (position == 0 and shift)
                position += len(piece)
                extents.append((min(low, position), position))
        labels = _label(extents, (begin, end))
        return None if labels is None else Pieces(ids, labels)

    def decode(self, ids: list[int]) -> str:
        return self._bpe.decode([int(self.dictionary[i]) for i in ids]).lstrip(" ")

    def begins_word(self, symbol: str) -> bool:
        if not symbol.isdigit():
            return False
        return self._bpe.decoder.get(int(symbol), "").startswith("\u0120")


@lru_cache(maxsize=1)
def load_encoder(tokenizer: tuple[str, ...]) -> SubwordEncoder:
    """The encoder of (model, dictionary) or (encoder.json, vocab.bpe, dictionary).

    Raises:
        InputError: a file is missing, damaged, or does not fit the others.
    """
    if len(tokenizer) == 2:
        return SentencePieceEncoder(*tokenizer)
    return GPT2Encoder(*tokenizer)
