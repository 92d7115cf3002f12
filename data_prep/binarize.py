"""Tokenised text to a dictionary and binary splits, byte for byte as fairseq-preprocess makes them.

Text is UTF-8, a sentence a line, tokens separated by white space. Each line ends with ``</s>``, an
empty line is a lone ``</s>``, a literal ``<unk>`` is fairseq's unknown symbol, and the dictionary is
padded to a multiple of 8 with words that never occur.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from fairseq.data import Dictionary, indexed_dataset
from tqdm import tqdm

from data_prep.corpus import InputError

DESTDIR_HELP = "the data-bin to make; it must not exist yet"


@dataclass(frozen=True)
class Counts:
    """How much a split holds."""

    sentences: int
    """Lines, empty ones included."""
    tokens: int
    """Words and one ``</s>`` a line, as the papers count."""
    unknown: int
    """Tokens that are ``<unk>``, in the text already or for want of a place in the dictionary."""


def read_lines(
    path: Path, task: str | None = None, newline: str | None = None, encoding: str = "UTF-8"
) -> Iterator[str]:
    """The lines of a text, with a progress bar named ``task``; None shows none.

    Args:
        newline: what ends a line, as for ``open``; None takes a lone carriage return for one, as
            fairseq does.

    Raises:
        InputError: the file is not text of that encoding.
    """
    number = 0
    try:
        with (
            path.open(encoding=encoding, newline=newline) as text,
            tqdm(
                total=path.stat().st_size,
                desc=task,
                unit="B",
                unit_scale=True,
                disable=task is None,
            ) as bar,
        ):
            for number, line in enumerate(text, 1):  # noqa: B007 - for the message
                yield line
                bar.update(text.buffer.tell() - bar.n)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not {encoding} text after line {number} ({error.reason}); "
            "convert it first, for example with iconv"
        ) from error


def read_sentences(path: Path, task: str) -> Iterator[list[str]]:
    """The words of each line, with a progress bar named ``task``.

    Raises:
        InputError: the file is not UTF-8 text, or holds no word.
    """
    words = 0
    for line in read_lines(path, task):
        sentence = line.split()
        words += len(sentence)
        yield sentence
    if not words:
        raise InputError(f"{path}: no text in it; give at least one sentence")


def build_dictionary(
    texts: Sequence[Path], max_words: int | None = None, min_count: int = 1
) -> Dictionary:
    """The dictionary of the training texts, most frequent words first, ties by spelling."""
    counter: Counter[str] = Counter()
    for text in texts:
        for words in read_sentences(text, f"words of {text.stem}"):
            counter.update(words)
    return dictionary_of(counter, max_words, min_count)


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


def binarize(text: Path, prefix: Path, dictionary: Dictionary) -> Counts:
    """Write ``prefix.bin`` and ``prefix.idx``, fairseq's mmap format."""
    data, index = (f"{prefix}.{ending}" for ending in ("bin", "idx"))
    builder = indexed_dataset.make_builder(data, impl="mmap", vocab_size=len(dictionary))
    id_of, unk, eos = dictionary.indices, dictionary.unk(), dictionary.eos()
    sentences = tokens = unknown = 0
    for words in read_sentences(text, prefix.name):
        ids = [*(id_of.get(word, unk) for word in words), eos]
        builder.add_item(torch.IntTensor(ids))
        sentences += 1
        tokens += len(ids)
        unknown += ids.count(unk)
    builder.finalize(index)
    return Counts(sentences, tokens, unknown)


def check_new(destdir: Path) -> None:
    """Raises InputError when there is something at ``destdir``."""
    if destdir.exists() and (not destdir.is_dir() or any(destdir.iterdir())):
        raise InputError(f"{destdir}: exists already; choose another --destdir or remove it")


@contextmanager
def new_folder(destdir: Path) -> Iterator[Path]:
    """A folder to fill that becomes ``destdir`` at the end; after an error nothing is there.

    Raises:
        InputError: ``destdir`` exists.
    """
    check_new(destdir)
    destdir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destdir.parent, prefix=".unfinished-") as scratch:
        folder = Path(scratch) / destdir.name  # unlike `scratch`, with the usual permissions
        folder.mkdir()
        yield folder
        os.replace(folder, destdir)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """A table for the eye, its columns flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
