"""Plain lines of text from the formats in which IWSLT'17 is published.

Nothing parses XML: a regular expression finds the segments, so a file can neither name other files
nor make an entity grow.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.lines import text_lines
from data_prep.translation.parallel_files import Languages, side

_TAGGED = re.compile(
    r"</?(?:url|keywords|speaker|talkid|title|description|reviewer|translator|doc)\b"
)
_SEGMENT = re.compile(r"<seg\b[^>]*>(.*?)</seg>")


def tagged_lines(path: Path) -> Iterator[str]:
    """The text of ``train.tags.*``: the lines that do not begin with a talk's tag."""
    return (line for line in text_lines(path, path.name) if not _TAGGED.match(line))


def segments(path: Path) -> Iterator[str]:
    """The segments of a development or test set, entities like ``&amp;`` resolved.

    Raises:
        InputError: a segment does not end on its line, or there is none.
    """
    found = 0
    for number, line in enumerate(text_lines(path), 1):
        texts = _SEGMENT.findall(line)
        if line.count("<seg") != len(texts):
            raise InputError(f"{path}: line {number} is no whole <seg>; fetch the file again")
        found += len(texts)
        yield from (" ".join(html.unescape(text).split()) for text in texts)
    if not found:
        raise InputError(f"{path}: no <seg> in it; give a set of the campaign")


def write_parquet(paths: Sequence[Path], languages: Languages, prefix: Path) -> None:
    """Writes the column ``translation`` of parquet files as ``PREFIX.en`` and ``PREFIX.de``.

    Raises:
        InputError: a file is not such a file.
    """
    import pyarrow
    import pyarrow.parquet

    source, target = (side(prefix, language).open("w", encoding="utf-8") for language in languages)
    with source, target:
        for path in paths:
            try:
                for batch in pyarrow.parquet.ParquetFile(path).iter_batches(
                    columns=["translation"]
                ):
                    for row in batch.column("translation").to_pylist():
                        for out, language in zip((source, target), languages, strict=True):
                            out.write(" ".join(row[language].split()) + "\n")
            except (pyarrow.ArrowException, KeyError, TypeError, AttributeError) as error:
                raise InputError(
                    f"{path}: no column 'translation' of {' and '.join(languages)} text "
                    f"({' '.join(str(error).split())}); give the pair's own files"
                ) from error
