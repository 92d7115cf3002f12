"""Dictionaries of fairseq: a symbol and its count a line, most frequent ones first."""

from __future__ import annotations

import copy
import os
import re
from collections import Counter
from pathlib import Path

from fairseq.data import Dictionary

from data_prep.errors import InputError
from data_prep.files.lines import read_lines
from data_prep.files.whole import write_text

WORD_START = "\u2581"  # "▁": a piece of SentencePiece that begins with it begins a word
# Share of such symbols above which a dictionary is one of SentencePiece: text in words may well
# hold the character, too.
_MIN_MARKED = 0.1
_PADDING = re.compile(r"madeupword\d{4}")
_MASK = "<mask>"
# Symbols that give a text its structure: where a text has them literally, they are no words.
STRUCTURE = frozenset(("<s>", "<pad>", "</s>", _MASK))
NO_CLASSES = STRUCTURE | {"<unk>"}  # symbols that are in every dictionary of labels
_COUNT = re.compile("[0-9]{1,18}")  # a count above that is damage
_OVERWRITE = "#fairseq:overwrite"  # a symbol that may come twice


def load_dictionary(
    path: str | os.PathLike[str], remedy: str = "give the dict.txt of a data-bin"
) -> Dictionary:
    """The dictionary in a file, as ``Dictionary.load`` reads it.

    Args:
        remedy: tells the user what to do if it is not there, or is none.

    Raises:
        InputError: there is no such file, or it is no dictionary; the message has the line.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; {remedy}")
    dictionary, number = Dictionary(), 0
    for number, line in enumerate(read_lines(path), 1):
        if problem := _add_line(dictionary, line):
            raise InputError(
                f"{path}, line {number}: not that of a fairseq dictionary, a symbol and a count "
                f"({problem}); {remedy}"
            )
    if not number:
        raise InputError(f"{path}: no symbol in it; {remedy}")
    return dictionary


def with_mask(dictionary: Dictionary) -> Dictionary:
    """A copy of a dictionary, with the symbol that the tasks of pre-trained models append."""
    appended = copy.deepcopy(dictionary)
    appended.add_symbol(_MASK)
    return appended


def _add_line(dictionary: Dictionary, line: str) -> str | None:
    """Adds the symbol of a line; or says what is wrong with it."""
    symbol, _, count = line.rstrip().rpartition(" ")
    overwrite = count == _OVERWRITE
    if overwrite:
        symbol, _, count = symbol.rpartition(" ")
    if not line.endswith("\n"):
        return "its end is cut off"
    if not symbol or not _COUNT.fullmatch(count):
        return "no count below 10^18"
    if symbol in dictionary and not overwrite:
        if dictionary.index(symbol) < dictionary.nspecial:
            return f"fairseq adds {symbol} itself: remove the line"
        return "the symbol is there already"
    dictionary.add_symbol(symbol, n=int(count), overwrite=overwrite)
    return None


def save_dictionary(dictionary: Dictionary, path: Path) -> None:
    """Writes a dictionary as fairseq does, but so that one with a symbol twice can be read again."""
    before, symbols = dictionary.symbols[: dictionary.nspecial], dictionary.symbols
    written, lines = {*before}, []
    for symbol, count in zip(symbols[len(before) :], dictionary.count[len(before) :], strict=True):
        lines.append(f"{symbol} {count}" + f" {_OVERWRITE}" * (symbol in written))
        written.add(symbol)
    write_text(path, "".join(f"{line}\n" for line in lines))


def has_word_marks(dictionary: Dictionary) -> bool:
    """Whether the symbols are pieces of SentencePiece, marked where they begin a word."""
    symbols = dictionary.symbols[dictionary.nspecial :]
    marked = sum(symbol.startswith(WORD_START) for symbol in symbols)
    return marked > _MIN_MARKED * len(symbols)


def dictionary_of(
    counts: Counter[str], max_words: int | None = None, min_count: int = 1
) -> Dictionary:
    """The dictionary of counted words, most frequent ones first, ties by spelling."""
    dictionary = Dictionary()
    for word, count in sorted(counts.items()):
        dictionary.add_symbol(word, count)
    dictionary.finalize(
        threshold=min_count,
        nwords=-1 if max_words is None else max_words + dictionary.nspecial,
    )
    return dictionary


def class_names(labels: Dictionary) -> list[str]:
    """The classes in a dictionary of labels, in the order of a classifier's outputs.

    Left out is what fairseq adds: its special symbols, the symbols without an occurrence that pad
    the dictionary to a multiple of 8, and ``<mask>``, which its task appends in memory.
    """
    return [
        symbol
        for symbol, count in [*zip(labels.symbols, labels.count, strict=True)][labels.nspecial :]
        if symbol != _MASK and not (count == 0 and _PADDING.fullmatch(symbol))
    ]
