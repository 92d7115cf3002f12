"""Encoders on Hugging Face's ``tokenizers``: GPT-2's two files, and ``tokenizer.json``."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fairseq.data import Dictionary

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import WORD_START, load_dictionary
from data_prep.files.byte_order_marks import without_mark
from data_prep.tokenizers.gpt2_files import read_gpt2_files
from data_prep.tokenizers.json_components import begins_word
from data_prep.tokenizers.marked_spans import Extent, Pieces, span_labels
from data_prep.tokenizers.tokenizer_folders import DICT, GPT2, JSON, write_tokenizer
from data_prep.tokenizers.tokenizer_json import read_tokenizer_json

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_BATCH = 1000  # texts: what the library gives of each is large


class LibraryEncoder:
    """A tokenizer of the library, and the dictionary index of each of its ids.

    Args:
        index_of: id -> index in the dictionary; every other id is unknown.
        space_matters: as in ``SubwordEncoder``.
        files: name -> content, what ``save`` writes beside the dictionary.
        loose_mark: as in ``JsonTokenizer``.
    """

    kind: str

    def __init__(
        self,
        tokenizer: Tokenizer,
        dictionary: Dictionary,
        index_of: Mapping[int, int],
        space_matters: bool,
        files: dict[str, bytes],
        loose_mark: int | None = None,
    ) -> None:
        self._loose_mark = loose_mark
        self._tokenizer, self._index_of, self._files = tokenizer, index_of, files
        self._id_of = {index: number for number, index in index_of.items()}
        self.dictionary, self.space_matters = dictionary, space_matters
        self.sha256 = hashlib.sha256(b"".join(files.values())).hexdigest()

    def _indices(self, ids: Sequence[int]) -> list[int]:
        unknown = self.dictionary.unk()
        return [self._index_of.get(i, unknown) for i in ids]

    def encode(self, chunk: str, span: Extent, first: bool = False) -> Pieces | None:
        shift = int(self.space_matters and not first)
        found = self._tokenizer.encode(" " * shift + chunk, add_special_tokens=False)
        ids = found.ids
        if self._loose_mark is not None and not chunk.endswith(WORD_START):
            while ids and ids[-1] == self._loose_mark:
                ids.pop()
        # The space in front belongs to the word, not to its neighbor.
        extents = ((max(a - shift, 0), max(b - shift, 0)) for a, b in found.offsets[: len(ids)])
        labels = span_labels(extents, span)
        return None if labels is None else Pieces(self._indices(ids), labels)

    def encode_texts(self, texts: Sequence[str]) -> list[list[int]]:
        found = []
        for begin in range(0, len(texts), _BATCH):
            batch = [*texts[begin : begin + _BATCH]]
            encoded = self._tokenizer.encode_batch_fast(batch, add_special_tokens=False)
            found += [self._indices(one.ids) for one in encoded]
        return found

    def decode(self, ids: list[int]) -> str:
        known = [self._id_of[i] for i in ids if i in self._id_of]
        return self._tokenizer.decode(known, skip_special_tokens=False).lstrip(" ")

    def begins_word(self, symbol: str) -> bool:
        return begins_word(self._tokenizer, symbol)

    def save(self, folder: str | os.PathLike[str]) -> None:
        write_tokenizer(folder, self.dictionary, self._files)


class GPT2Encoder(LibraryEncoder):
    """GPT-2's byte-level BPE, as RoBERTa uses it: dictionary symbols are BPE ids in decimal.

    Raises:
        InputError: a file is missing or damaged, or they do not belong together.
    """

    kind = "gpt2"

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        paths = [Path(folder, name) for name in GPT2]
        tokenizer = read_gpt2_files(*paths)
        dictionary = load_dictionary(Path(folder, DICT), "give the one that belongs to the BPE")
        symbols = tokenizer.get_vocab()
        indices = dictionary.indices
        index_of = {i: indices[str(i)] for i in symbols.values() if str(i) in indices}
        missing = len(symbols) - len(index_of)
        # RoBERTa's dictionary lacks a handful of symbols that never occurred in its corpus.
        if missing > len(symbols) // 100:
            raise InputError(
                f"{Path(folder, DICT)}: lacks {missing} of the {len(symbols)} BPE symbols of "
                f"{paths[0]}; give the dict.txt that belongs to it"
            )
        self._symbols = {str(i): symbol for symbol, i in symbols.items()}
        files = {path.name: without_mark(path.read_bytes()) for path in paths}
        super().__init__(tokenizer, dictionary, index_of, True, files)

    def begins_word(self, symbol: str) -> bool:
        return super().begins_word(self._symbols.get(symbol, ""))


class JsonEncoder(LibraryEncoder):
    """The tokenizer of a ``tokenizer.json``: dictionary symbols are its tokens as they are.

    Raises:
        InputError: a file is missing, damaged or of another kind, or they do not belong together.
    """

    kind = "tokenizers"

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        [path] = (Path(folder, name) for name in JSON)
        found = read_tokenizer_json(path)
        dictionary = load_dictionary(
            Path(folder, DICT), "make it with python -m fairseq_cline.import_encoder"
        )
        expected = found.dictionary().symbols
        if dictionary.symbols != expected:
            raise InputError(
                f"{Path(folder, DICT)}: not the {len(expected):,} tokens of {path} in their order; "
                "make it again with python -m fairseq_cline.import_encoder"
            )
        index_of = {number: dictionary.index(token) for token, number in found.others.items()}
        files = {path.name: found.content}
        matters, mark = found.space_matters, found.loose_mark
        super().__init__(found.tokenizer, dictionary, index_of, matters, files, mark)
        self._id_of[dictionary.unk()] = found.specials["<unk>"]
