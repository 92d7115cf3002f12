"""Sub-word encoders that know which tokens belong to a replaced word.

Text is encoded chunk by chunk (a chunk is what stands between two spaces). No piece of
SentencePiece or of GPT-2's BPE crosses a space, so the result equals the encoding of the whole
sentence, and each distinct chunk is encoded once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import sentencepiece
from fairseq.data import Dictionary
from fairseq.data.encoders import gpt2_bpe_utils

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import load_dictionary

_SPACE = "\u2581"  # SentencePiece's mark of a word's beginning


@dataclass(frozen=True)
class Pieces:
    """Dictionary ids of a chunk and, for each, whether it is part of the marked span."""

    ids: list[int]
    labels: list[int]


class SubwordEncoder(Protocol):
    """What make_triplets needs of a tokenizer."""

    kind: str
    sha256: str
    dictionary: Dictionary
    space_matters: bool
    """Does the first chunk of a text get other ids than the same chunk after a space?"""

    def encode(self, chunk: str, span: tuple[int, int], first: bool = False) -> Pieces | None:
        """Encode ``chunk``, with ``span`` = [begin, end) in characters marked.

        None when a piece crosses the border of the span: its label would be a lie.
        """

    def decode(self, ids: list[int]) -> str:
        """The text of dictionary ids."""

    def begins_word(self, symbol: str) -> bool:
        """Does this dictionary symbol begin a space-delimited word?"""


def _digest(*paths: str) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def _label(extents: list[tuple[int, int]], span: tuple[int, int]) -> list[int] | None:
    """1 for each extent inside ``span``; None when one lies across its border.

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
        self.sha256 = _digest(model)
        pieces = self._model.id_to_piece(list(range(self._model.get_piece_size())))
        unknown = self.dictionary.unk()
        self._ids = [self.dictionary.index(piece) for piece in pieces]
        self._from_dictionary = {new: old for old, new in enumerate(self._ids)}
        special = self._model.is_control
        real = [i for i in range(len(pieces)) if not special(i) and i != self._model.unk_id()]
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
        return symbol.startswith(_SPACE)


class GPT2Encoder:
    """GPT-2's byte-level BPE, as RoBERTa uses it: dictionary symbols are BPE ids in decimal."""

    kind = "gpt2"
    space_matters = True

    def __init__(self, encoder_json: str, vocab_bpe: str, dictionary: str) -> None:
        for path in (encoder_json, vocab_bpe):
            if not Path(path).is_file():
                raise InputError(f"{path}: no such file; GPT-2 BPE needs encoder.json, vocab.bpe")
        try:
            self._bpe = gpt2_bpe_utils.get_encoder(encoder_json, vocab_bpe)
        except ValueError as error:
            raise InputError(
                f"{encoder_json}, {vocab_bpe}: not GPT-2's BPE files; fetch them again"
            ) from error
        self.dictionary = load_dictionary(dictionary)
        self.sha256 = _digest(encoder_json, vocab_bpe)
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
    """From (model, dictionary) or (encoder.json, vocab.bpe, dictionary)."""
    if len(tokenizer) == 2:
        return SentencePieceEncoder(*tokenizer)
    return GPT2Encoder(*tokenizer)
