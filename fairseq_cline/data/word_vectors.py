"""Given word embeddings: files in the text form of word2vec and GloVe.

A line has a word and its E numbers, separated by spaces. word2vec has a line before them: how many
words there are, and E.
"""

import logging
import math
import os
from collections.abc import Iterator

import torch
from fairseq.data import Dictionary
from torch import Tensor

from data_prep.errors import InputError
from data_prep.files.byte_order_marks import without_mark
from data_prep.files.inputs import unreadable
from data_prep.files.progress import Bar

logger = logging.getLogger(__name__)


@torch.no_grad()
def load_word_vectors(path: str, dictionary: Dictionary, weight: Tensor) -> None:
    """Sets the rows of the words that the file has; those of others, and of <s> etc., stay.

    The file is read line by line: it may be larger than the memory. The log gets the share of
    the words found.

    Args:
        weight: (V, E), the embeddings of the dictionary.

    Raises:
        InputError: the file cannot be read, has vectors of another length or none of the words,
            or a line is damaged.
    """
    words = range(dictionary.nspecial, len(dictionary))
    # Bytes: files of this kind are not always UTF-8 in the words that nobody asks for.
    rows = {dictionary[index].encode(): index for index in words}
    found = set()
    for place, word, numbers in _vectors(path, weight.size(1)):
        if word in rows:
            weight[rows[word]] = _parse(numbers, place)
            found.add(word)
    if not found:
        raise InputError(
            f"{path}: has no word of the dictionary; make the data-bin of whole words, in the "
            "letter case of the file, or drop --embeddings"
        )
    logger.info(
        f"{path}: vectors for {len(found):,} of {len(words):,} words "
        f"({len(found) / len(words):.1%}); those of the others are random"
    )


def _vectors(path: str, channels: int) -> Iterator[tuple[str, bytes, list[bytes]]]:
    """Place of the line, word and numbers, as text, of each vector."""
    for number, line in enumerate(_lines(path), 1):
        if number == 1:
            line = without_mark(line)
            first = line.split()
            header = len(first) == 2 and all(field.isdigit() for field in first)
            length = int(first[1]) if header else len(first) - 1
            if length != channels:
                raise InputError(
                    f"{path}: its first line is not that of vectors of {channels} numbers but of "
                    f"{length}; set --embedding-dim, or give another file"
                )
            if header:
                continue
        # From the right: GloVe has words with a space in them.
        fields = line.rsplit(None, channels)
        if len(fields) <= channels:
            raise InputError(
                f"{path}, line {number}: no word with {channels} numbers; get the file again"
            )
        yield f"{path}, line {number}", fields[0].strip(), fields[1:]


def _lines(path: str) -> Iterator[bytes]:
    if reason := unreadable(path):
        raise InputError(
            f"{path}: cannot be read ({reason}); give --embeddings a file of word2vec or GloVe in "
            "text form, or drop it"
        )
    size = os.path.getsize(path)
    with (
        open(path, "rb") as file,
        Bar(total=size, desc=path, unit="B", unit_scale=True, delay=1) as progress,
    ):
        for line in file:
            progress.update(len(line))
            yield line


def _parse(numbers: list[bytes], place: str) -> Tensor:
    """(E,), all finite."""
    try:
        vector = [float(number) for number in numbers]
    except ValueError:
        vector = [math.nan]
    if not all(map(math.isfinite, vector)):
        raise InputError(f"{place}: holds something that is no finite number; get the file again")
    return torch.tensor(vector)
