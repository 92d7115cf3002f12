"""SentencePiece models whose pieces are the symbols of a fairseq dictionary."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import STRUCTURE, WORD_START, load_dictionary
from data_prep.tokenizers.marked_spans import Extent, Pieces, span_labels
from data_prep.tokenizers.tokenizer_folders import DICT, SENTENCEPIECE, write_tokenizer


class SentencePieceEncoder:
    """The SentencePiece model of a tokenizer folder.

    Raises:
        InputError: a file is missing or damaged, or the dictionary belongs to another model.
    """

    kind = "sentencepiece"
    space_matters = False

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        from sentencepiece import SentencePieceProcessor

        model, dictionary = Path(folder, *SENTENCEPIECE), Path(folder, DICT)
        try:
            content = model.read_bytes()
            self._model = SentencePieceProcessor()
            self._model.LoadFromSerializedProto(content)
        except (RuntimeError, OSError, ValueError) as error:
            raise InputError(f"{model}: not a SentencePiece model; train it again") from error
        self._files = {model.name: content}
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.dictionary = load_dictionary(
            dictionary, "give the one that was written with the model"
        )
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

    def encode(self, chunk: str, span: Extent, first: bool = False) -> Pieces | None:
        found = self._model.encode(chunk, return_type="offset_mapping")
        labels = span_labels(found["offsets"], span)
        return None if labels is None else Pieces([self._ids[i] for i in found["ids"]], labels)

    def encode_texts(self, texts: Sequence[str]) -> list[list[int]]:
        return [[self._ids[i] for i in ids] for ids in self._model.encode([*texts], num_threads=1)]

    def decode(self, ids: list[int]) -> str:
        return self._model.decode([self._from_dictionary[i] for i in ids])

    def begins_word(self, symbol: str) -> bool:
        return symbol.startswith(WORD_START)

    def save(self, folder: str | os.PathLike[str]) -> None:
        write_tokenizer(folder, self.dictionary, self._files)
