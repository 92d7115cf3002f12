"""Tokenized text to a dictionary and binary splits, byte for byte as fairseq-preprocess makes them.

Text is UTF-8, a sentence a line, tokens separated by white space. Each line ends with ``</s>``, an
empty line is a lone ``</s>``, a literal ``<unk>`` is fairseq's unknown symbol, and the dictionary is
padded to a multiple of 8 with words that never occur. A literal ``<pad>`` is stored as such; the
plug-in reads it as ``<unk>``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from fairseq.data import Dictionary, indexed_dataset

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import dictionary_of
from data_prep.files.lines import read_lines


@dataclass(frozen=True)
class Counts:
    """The size of a split."""

    sentences: int
    """Number of the lines, empty ones included."""
    tokens: int
    """Number of the words and of one ``</s>`` a line, as the papers count."""
    unknown: int
    """Number of the tokens that are ``<unk>``: in the text already, or not in the dictionary."""


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


def binarize(text: Path, prefix: Path, dictionary: Dictionary) -> Counts:
    """Writes ``prefix.bin`` and ``prefix.idx``, fairseq's mmap format."""
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
