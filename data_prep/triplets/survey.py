"""A look at the corpus before work begins: a spread sample, tagged by spaCy, gives the lexicon."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from data_prep.english.lexicon import Agreement, Lexicon
from data_prep.english.sentences import split_sentences
from data_prep.english.taggers import tag_sentences
from data_prep.errors import InputError
from data_prep.files.byte_order_marks import mark_length
from data_prep.files.progress import Bar
from data_prep.files.text_units import STDIN, Corpus, bounded_lines, stream_lines

if TYPE_CHECKING:
    from spacy.language import Language

WINDOWS = 32  # places in the corpus that the sample is taken from


def sample_lines(files: Sequence[str], words: int) -> Iterator[str]:
    """Lines of about ``words`` words from places spread evenly over the files.

    A gzip file is sampled at its beginning: it cannot be entered in the middle.
    """
    sizes = [Path(name).stat().st_size - mark_length(name) for name in files]
    total = sum(sizes)
    per_window = max(1, words // max(WINDOWS, len(files)))
    for name, size in zip(files, sizes, strict=True):
        if name.endswith(".gz"):
            lines = (line for line, _ in stream_lines([name]))
            yield from _some(lines, max(1, words * size // max(total, 1)))
            continue
        windows = max(1, WINDOWS * size // max(total, 1))
        offsets = [size * i // windows for i in range(windows)]
        for offset, following in zip(offsets, [*offsets[1:], size], strict=True):
            yield from _some(_lines_between(name, offset, following), per_window)


def _some(lines: Iterable[str], words: int) -> Iterator[str]:
    for line in lines:
        yield line
        words -= line.count(" ") + 1
        if words <= 0:
            return


def _lines_between(name: str, begin: int, end: int) -> Iterator[str]:
    """The lines of a plain file in about [begin, end) bytes of its text."""
    mark = mark_length(name)
    with open(name, "rb") as binary:
        binary.seek(mark + begin)
        lines = bounded_lines(binary)
        if begin:
            next(lines, None)  # its beginning may be cut off
        for line in lines:
            try:
                yield " ".join(line.decode("utf-8").split())
            except UnicodeDecodeError as error:
                raise InputError(
                    f"{name}: not UTF-8 text before byte {binary.tell()} ({error.reason}); "
                    "convert it first, for example with iconv"
                ) from error
            if binary.tell() >= mark + end:
                return


def survey(nlp: Language, corpus: Corpus, words: int) -> tuple[Lexicon, Agreement]:
    """Tags about ``words`` words of the corpus and learns the lexicon, with a progress bar.

    Standard input cannot be read twice, so its beginning is the sample.
    """
    lines: Iterable[str]
    if STDIN in corpus.files:
        lines = chain.from_iterable(unit.lines for unit in corpus.beginning(words))
    else:
        lines = sample_lines(corpus.files, words)
    sentences = [s for line in lines if line for s in split_sentences(line)]
    bar = Bar(tag_sentences(nlp, sentences), "tagging a sample", len(sentences), unit="sent")
    return Lexicon.learn(bar)
