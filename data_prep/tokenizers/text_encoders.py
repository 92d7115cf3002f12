"""Encoders of whole texts, for classification: in sub-words of a tokenizer, or in words.

Both write into the data-bin what another program needs to encode more text in the same way.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fairseq.data import Dictionary

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import dictionary_of, load_dictionary
from data_prep.tokenizers.subwords import load_encoder
from data_prep.tokenizers.tokenizer_folders import DICT, WORDS, tokenizer_kind, write_tokenizer
from data_prep.tokenizers.words import WordTokenizer


@dataclass(frozen=True)
class Words:
    """Choices for a text in words, whose dictionary is made of the training examples."""

    lowercase: bool = True
    """Whether capital letters become small ones."""
    min_count: int = 2
    """Least count of a word; rarer ones are <unk>, which would not be trained with 1."""


Tokenizer = Path | Words
"""A tokenizer folder; or words."""


class TextEncoder(Protocol):
    """A tokenizer as a data-bin needs it."""

    dictionary: Dictionary

    def encode_texts(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, without ``<s>`` and ``</s>``."""

    def decode(self, ids: list[int]) -> str:
        """The text of ids."""

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Writes the tokenizer and its dictionary: the folder is a tokenizer folder."""


class WordTexts:
    """Words of a dictionary."""

    def __init__(self, tokenizer: WordTokenizer, dictionary: Dictionary) -> None:
        self._tokenizer, self.dictionary = tokenizer, dictionary

    def encode_texts(self, texts: Sequence[str]) -> list[list[int]]:
        id_of, unknown = self.dictionary.indices, self.dictionary.unk()
        return [
            [id_of.get(word, unknown) for word in self._tokenizer.words(text)] for text in texts
        ]

    def decode(self, ids: list[int]) -> str:
        return " ".join(self.dictionary[i] for i in ids)

    def save(self, folder: str | os.PathLike[str]) -> None:
        write_tokenizer(folder, self.dictionary, self._tokenizer.files())


def load_text_encoder(folder: str | os.PathLike[str]) -> TextEncoder:
    """The encoder of a tokenizer folder, of sub-words or of words; a data-bin is one.

    Raises:
        InputError: a file is missing, damaged, or does not fit the others.
    """
    if tokenizer_kind(folder) != WORDS:
        return load_encoder(folder)
    path = Path(folder, *WORDS)
    try:
        tokenizer = WordTokenizer.load(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: damaged ({error}); make the data-bin again") from error
    return WordTexts(tokenizer, load_dictionary(Path(folder, DICT)))


def text_encoder(tokenizer: Tokenizer, train: Iterable[str]) -> TextEncoder:
    """The encoder of a data-bin whose training texts are ``train``.

    Raises:
        InputError: a file of the tokenizer is wrong.
    """
    if not isinstance(tokenizer, Words):
        return load_text_encoder(tokenizer)
    words = WordTokenizer(tokenizer.lowercase)
    counts = Counter(word for text in train for word in words.words(text))
    return WordTexts(words, dictionary_of(counts, min_count=tokenizer.min_count))
