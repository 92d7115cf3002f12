"""An entry of the table: a program, a valid command line of it, and the files that it reads."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch

from fuzz.formats import (
    DATA,
    DATA_TEXT,
    MANIFEST,
    NEEDED_MANIFEST,
    TABLE,
    TOKENIZER,
    Format,
)

SPM = "--tokenizer in/spm"
SPM_FILES = {"in/spm/spm.model": TOKENIZER, "in/spm/dict.txt": TABLE}


@dataclass(frozen=True)
class Entry:
    """A program with valid input."""

    name: str
    """The module, and ``:KIND`` where there are several entries of one."""
    line: str
    """Its arguments, of which ``in/...`` is input and ``out/...`` output."""
    files: Mapping[str, Format] = field(default_factory=dict)
    """Names or patterns of the files that it reads -> format."""
    options: Mapping[str, str] | None = None
    """Flag -> kind of its value; None: those of the parser."""
    fixed: tuple[str, ...] = ()
    """Options that stay as they are."""
    beside: tuple[str, ...] = ()
    """Outputs that it writes beside its input."""

    @property
    def module(self) -> str:
        return self.name.partition(":")[0]

    @property
    def words(self) -> list[str]:
        return [self.module, *shlex.split(self.line)]

    def inputs(self) -> set[str]:
        """The names in ``in`` of everything that the command line names."""
        parts = (word.rpartition("=")[2].split("/") for word in self.words)
        return {part[1] for part in parts if part[0] == "in"}

    def format_of(self, name: str) -> Format | None:
        """The format of a file that the program reads; None if it does not read it."""
        found = (form for pattern, form in self.files.items() if fnmatch(name, pattern))
        return next(found, None)


def databin(folder: str, *names: str, manifest: Format = MANIFEST) -> dict[str, Format]:
    """The files of a data-bin that are read."""
    texts = (".txt", ".tsv", ".json")
    files = {f"in/{folder}/{name}": DATA_TEXT if name.endswith(texts) else DATA for name in names}
    return files | {f"in/{folder}/manifest.json": manifest}


def triplets(split: str) -> dict[str, Format]:
    names = ("dict.txt", "word_begin.txt", f"{split}.*.bin", f"{split}.*.idx")
    return databin("triplets", *names, manifest=NEEDED_MANIFEST)


def tables_of(*splits: str) -> dict[str, Format]:
    return {f"in/opinions/{split}.tsv": TABLE for split in splits}
