"""Encoders of whole texts, for classification: in sub-words of a tokenizer, or in words.

Both write into the data-bin what another program needs to encode more text in the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from fairseq.data import Dictionary

from data_prep.fairseq_format.dictionaries import dictionary_of, load_dictionary
from data_prep.files.byte_order_marks import without_mark
from data_prep.tokenizers.subwords import load_encoder
from data_prep.tokenizers.words import WordTokenizer

_SUBWORD_FILES = {"sentencepiece": ("spm.model",), "gpt2": ("encoder.json", "vocab.bpe")}


@dataclass(frozen=True)
class Words:
    """Choices for a text in words: those of ``WordTokenizer``, with a dictionary."""

    lowercase: bool = True
    """Whether capital letters become small ones."""
    min_count: int = 2
    """Least count of a word; rarer ones are <unk>, which would not be trained with 1."""
    dictionary: str | None = None
    """Path of a fairseq dictionary; None makes one of the training examples."""


Tokenizer = tuple[str, ...] | Words
"""The files of a sub-word tokenizer, its fairseq dictionary last; or words."""


class TextEncoder(Protocol):
    """A tokenizer as a data-bin needs it."""

    dictionary: Dictionary

    def encode(self, text: str) -> list[int]:
        """The ids of a text with single spaces, without ``</s>``."""

    def save(self, folder: Path) -> None:
        """Writes the tokenizer, without its dictionary."""


class SubwordTexts:
    """Sub-words of a pre-trained encoder."""

    def __init__(self, files: tuple[str, ...]) -> None:
        self._encoder = load_encoder(files)
        self._files = files[:-1]
        self.dictionary = self._encoder.dictionary
        self._chunk = lru_cache(maxsize=1 << 18)(self._encode_chunk)

    def _encode_chunk(self, chunk: str, first: bool) -> list[int]:
        pieces = self._encoder.encode(chunk, (0, 0), first)
        assert pieces is not None  # an empty span has no border that a piece could cross
        return pieces.ids

    def encode(self, text: str) -> list[int]:
        chunks = [self._chunk(chunk, k == 0) for k, chunk in enumerate(text.split())]
        return [i for chunk in chunks for i in chunk]

    def save(self, folder: Path) -> None:
        names = _SUBWORD_FILES[self._encoder.kind]
        for source, name in zip(self._files, names, strict=True):
            # fairseq's own readers of these files take no byte order mark.
            (folder / name).write_bytes(without_mark(Path(source).read_bytes()))


class WordTexts:
    """Words of a dictionary.

    Args:
        train: texts whose words become the dictionary, unless the options name one.
    """

    def __init__(self, options: Words, train: Iterable[str]) -> None:
        self._tokenizer = WordTokenizer(options.lowercase)
        if options.dictionary is not None:
            self.dictionary = load_dictionary(options.dictionary)
        else:
            counts = Counter(word for text in train for word in self._tokenizer.words(text))
            self.dictionary = dictionary_of(counts, min_count=options.min_count)

    def encode(self, text: str) -> list[int]:
        id_of, unknown = self.dictionary.indices, self.dictionary.unk()
        return [id_of.get(word, unknown) for word in self._tokenizer.words(text)]

    def save(self, folder: Path) -> None:
        self._tokenizer.save(folder)


def text_encoder(tokenizer: Tokenizer, train: Iterable[str]) -> TextEncoder:
    """The encoder of a data-bin whose training texts are ``train``.

    Raises:
        InputError: a file of the tokenizer is wrong.
    """
    return WordTexts(tokenizer, train) if isinstance(tokenizer, Words) else SubwordTexts(tokenizer)
