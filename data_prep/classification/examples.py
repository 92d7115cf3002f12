"""Text with labels, for classification: ``label<TAB>text[<TAB>second text]``, an example a line."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.lines import read_lines


@dataclass(frozen=True)
class Example:
    """A label with the text, or the pair of texts, that it belongs to."""

    label: str
    texts: tuple[str, ...]

    def __str__(self) -> str:
        return "\t".join((self.label, *self.texts))


def read_examples(path: Path) -> list[Example]:
    """The examples of a file, runs of white space made one space.

    Raises:
        InputError: there is no such file or no example in it, a line has no label or no text, or
            some lines have one text and others two.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; give lines of label<TAB>text[<TAB>text]")
    examples: list[Example] = []
    for number, line in enumerate(read_lines(path, newline="\n"), 1):
        label, *texts = (" ".join(field.split()) for field in line.split("\t"))
        if not label or not all(texts) or len(texts) not in (1, 2):
            raise InputError(f"{path}, line {number}: not label<TAB>text[<TAB>text]; correct it")
        examples.append(Example(label, tuple(texts)))
        if len(texts) != len(examples[0].texts):
            raise InputError(
                f"{path}, line {number}: {len(texts)} texts, but line 1 has "
                f"{len(examples[0].texts)}; give each line as many"
            )
    if not examples:
        raise InputError(f"{path}: no example in it; give lines of label<TAB>text[<TAB>text]")
    return examples


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write a file of examples, all or nothing."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("w", encoding="utf-8") as out:
            out.writelines(f"{example}\n" for example in examples)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
