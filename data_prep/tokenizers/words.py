"""Words of a text: NLTK's word tokenizer (regular expressions, no data), with case folding."""

from __future__ import annotations

import json
import os
from pathlib import Path

from data_prep.files.json_values import parse_json
from data_prep.tokenizers.tokenizer_folders import WORDS

(WORDS_FILE,) = WORDS


class WordTokenizer:
    """Words and punctuation of a text, in small letters unless told otherwise."""

    def __init__(self, lowercase: bool = True) -> None:
        from nltk.tokenize import NLTKWordTokenizer  # seconds that sub-words need not spend

        self.lowercase = lowercase
        self._tokenize = NLTKWordTokenizer().tokenize

    def words(self, text: str) -> list[str]:
        """The words of a text in their order, punctuation marks among them."""
        return self._tokenize(text.lower() if self.lowercase else text)

    def files(self) -> dict[str, bytes]:
        """``words.json`` and its content."""
        return {WORDS_FILE: (json.dumps(self._settings()) + "\n").encode()}

    def _settings(self) -> dict[str, str | bool]:
        return {"tokenizer": "nltk", "lowercase": self.lowercase}

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> WordTokenizer:
        """The tokenizer of a ``words.json``.

        Raises:
            ValueError: the file is none, or names another tokenizer.
        """
        settings = parse_json(Path(path).read_bytes())
        for lowercase in (True, False):
            tokenizer = cls(lowercase)
            if settings == tokenizer._settings():
                return tokenizer
        raise ValueError(f"{WORDS_FILE} names no tokenizer that is known here")
