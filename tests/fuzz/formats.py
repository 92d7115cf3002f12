"""The file formats of the project: how a file of each can be damaged, and when that must show.

Three kinds of acceptance. What is verified by a checksum is refused after any change of a byte.
Of other formats some mutations must be refused (``Mutation.must_refuse``), and a changed number or
letter may be accepted, since it makes another valid file.
"""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from fuzz.checkpoint_mutations import CONTENT
from fuzz.mutations import BYTES, JSON, PLACE, RESEALED, TEXT, Mutation


class Format(NamedTuple):
    """A kind of file."""

    name: str
    mutations: tuple[Mutation, ...]
    verified: bool = False
    """Whether every change must be refused."""
    content: Callable[[Path], object] = Path.read_bytes
    """What counts of a file: two with equal content are the same."""
    accepted: frozenset[str] = frozenset()
    """Mutations that need not be refused in spite of what other formats do."""


def archive_members(path: Path) -> object:
    """The members of a zip archive: its padding and dates count for nothing."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


TABLE = Format("lines of a table", (*PLACE, *BYTES, *TEXT))
TEXT_FILE = Format("plain text", (*PLACE, *BYTES, *TEXT))
WINDOWS_TEXT = Format(
    "text in Windows-1252, where every byte is a letter",
    (*PLACE, *BYTES, *TEXT),
    accepted=frozenset({"not UTF-8", "UTF-16"}),
)
REPORT = Format("JSON", (*PLACE, *BYTES, *TEXT, *JSON))
REPORTS_FOLDER = REPORT._replace(
    name="JSON of a folder",  # a page names what it could not read, and is written
    accepted=frozenset(mutation.name for mutation in REPORT.mutations),
)
# Half a line, as a killed run leaves it, does not count; a run that finds no log begins one.
ATTACK_LOG = REPORT._replace(
    name="attack log", accepted=frozenset({"missing", "empty", "not UTF-8"})
)
SEED_REPORT = REPORT._replace(name="JSON of a seed", accepted=frozenset({"missing"}))
TOKENIZER = Format("tokenizer", (*PLACE, *BYTES))
DATA = Format("data-bin", (*PLACE, *BYTES), verified=True)
DATA_TEXT = Format("text in a data-bin", (*PLACE, *BYTES, *TEXT), verified=True)
NEEDED_MANIFEST = Format("manifest", (*PLACE, *BYTES, *TEXT, *JSON, *RESEALED), verified=True)
# fairseq-preprocess writes data-bins without a manifest.
MANIFEST = NEEDED_MANIFEST._replace(accepted=frozenset({"missing"}))
CHECKPOINT = Format(
    "checkpoint", (*PLACE, *BYTES, *CONTENT, *CONTENT), verified=True, content=archive_members
)
