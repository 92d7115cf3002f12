"""Complete words, the candidates for a perturbation: the mask V_R of ATCL (section 3).

No specials, no single characters, no symbols, no numbers, no parts of words.
"""

import re
from functools import cached_property
from unicodedata import category as _category

import numpy as np
from fairseq.data import Dictionary

from data_prep.fairseq_format.dictionaries import WORD_START

# What may join the parts of a word: "well-known", "don't", "U.S.".
_JOINTS = re.compile("[-'’.]")
_MIN_SHARE = 0.1
_JOINER = "@@"  # subword-nmt: the word goes on in the next symbol


def is_word(text: str) -> bool:
    """Whether a text is a word of at least two letters: "well-known", "n't", "Mr.", not "Z."."""
    parts = _JOINTS.split(text.removesuffix("."))
    # Marks are the vowel signs of Hindi, or the accents of decomposed text.
    are_letters = all(part and all(_category(c)[0] in "LM" for c in part) for part in parts)
    return are_letters and sum(map(str.isalpha, text)) > 1


class CandidateWords:
    """Tells which symbols of a dictionary are complete words, and which tokens of a sequence.

    In a dictionary of SentencePiece or subword-nmt a symbol is a complete word only in its
    place: "▁train" is one before "▁and" and is none before "ing". At the edge of a sequence,
    where the neighbor is not seen, it is none; a whole sentence begins with no neighbor.
    """

    def __init__(self, dictionary: Dictionary):
        self.dictionary = dictionary
        symbols = dictionary.symbols
        # A share: text in words may well hold one such character.
        pieces = sum(symbol.startswith(WORD_START) for symbol in symbols)
        self.has_pieces = pieces > _MIN_SHARE * len(symbols)
        self.has_joiners = any(symbol.endswith(_JOINER) for symbol in symbols)
        self.is_word = np.array([self.kind(symbol) == "word" for symbol in symbols])
        self._joins_next = np.array([symbol.endswith(_JOINER) for symbol in symbols])
        self._joins_previous = np.array([self._is_inner_piece(symbol) for symbol in symbols])
        self._joins_previous[: dictionary.nspecial] = False
        # A piece that is not in the dictionary, which is most often one inside a word.
        self._joins_previous[dictionary.unk()] = self.has_pieces

    def _is_inner_piece(self, symbol: str) -> bool:
        if not self.has_pieces or symbol.startswith(WORD_START):
            return False
        # Other symbols, such as a comma or a full stop, end a word.
        return any(_category(c)[0] in "LMN" or c in "-'’" for c in symbol)

    def kind(self, symbol: str) -> str:
        """The kind of a symbol, in one word: "word", or why it is none."""
        if self.dictionary.index(symbol) < self.dictionary.nspecial:
            return "special"
        text = symbol
        if self.has_pieces:
            if not symbol.startswith(WORD_START):
                return "sub-word"
            text = symbol[len(WORD_START) :]
        if symbol.endswith(_JOINER):
            return "sub-word"
        if is_word(text):
            return "word"
        letters = sum(map(str.isalpha, text))
        if any(map(str.isdigit, text)):
            return "number"
        return "symbol" if letters == 0 else "character" if letters == 1 else "mixed"

    @cached_property
    def count(self) -> int:
        return int(self.is_word.sum())

    def positions(self, tokens: np.ndarray, is_sentence: bool = False) -> np.ndarray:
        """(T,) bool: which of the tokens (T,) are complete words."""
        words = self.is_word[tokens]
        if self.has_pieces:
            words &= ~np.append(self._joins_previous[tokens[1:]], True)
        if self.has_joiners:
            words &= ~np.append(not is_sentence, self._joins_next[tokens[:-1]])
        return words
