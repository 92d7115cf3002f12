"""The antonyms of a dictionary's words, as `data_prep.antonyms` writes them beside it."""

import re
from pathlib import Path

import numpy as np
from fairseq.data import Dictionary

from data_prep.errors import InputError
from data_prep.files.byte_order_marks import UTF_8
from data_prep.files.checksums import file_sha256
from data_prep.files.inputs import unreadable

_SYMBOLS = re.compile(r"-?[0-9]{1,20}\t-?[0-9]{1,20}( -?[0-9]{1,20})*")


def antonym_path(dictionary_path: Path) -> Path:
    """The antonym file beside a dictionary: antonyms.en.txt for dict.en.txt."""
    return dictionary_path.with_name(dictionary_path.name.replace("dict", "antonyms", 1))


class Antonyms:
    """Antonyms of the symbols of a dictionary, as `data_prep.antonyms` writes them.

    Raises:
        InputError: the file is missing, damaged, empty, or of another dictionary.
    """

    def __init__(self, dictionary_path: Path, dictionary: Dictionary):
        path = antonym_path(dictionary_path)
        make = (
            f"run: python -m data_prep.antonyms {dictionary_path} (English only; for another "
            "language use --negatives random)"
        )
        if reason := unreadable(path):
            raise InputError(f"{path}: cannot be read ({reason}); {make}")
        try:
            text = path.read_text(encoding=UTF_8)
        except ValueError as error:
            raise InputError(f"{path}: cannot be read ({error}); {make}") from error
        header, *lines = text.split("\n")
        if header != f"# {dictionary_path.name} sha256 {file_sha256(dictionary_path)}":
            raise InputError(f"{path} was made for another dictionary; {make}")
        if not lines or lines.pop():
            raise InputError(f"{path} is cut short; {make}")
        if not lines:
            raise InputError(f"{path} has no antonyms; use --negatives random")
        self._of: dict[int, list[int]] = {}
        for number, line in enumerate(lines, 2):
            place = f"{path}, line {number}"
            if not _SYMBOLS.fullmatch(line):
                raise InputError(f"{place}: not an antonym file, whose lines are numbers; {make}")
            symbol, *others = symbols = [*map(int, line.split())]
            for one in symbols:
                if not dictionary.nspecial <= one < len(dictionary):
                    raise InputError(f"{place}: symbol {one} is not in the dictionary; {make}")
            if symbol in self._of or symbol in others:
                raise InputError(f"{place}: symbol {symbol} comes for the second time; {make}")
            self._of[symbol] = others
        self.has_any = np.zeros(len(dictionary), dtype=bool)
        self.has_any[[*self._of]] = True

    def draw(self, symbol: int, rng: np.random.Generator) -> int:
        return int(rng.choice(self._of[symbol]))
