"""Cases: an entry of the table with one thing wrong, drawn by a seed and a number."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from fuzz.entry import Entry
from fuzz.options import change_option

SHARE_OF_FILES = 0.7  # of the cases of an entry that has both


@dataclass(frozen=True)
class Case:
    """A bad command line in a folder of its own, not yet run."""

    entry: Entry
    words: list[str]
    """The module and its arguments."""
    description: str
    """Of what is wrong."""
    subjects: list[str]
    """A message must name one of them."""
    must_refuse: bool
    outputs: tuple[str, ...] = ()
    """Files, or folders, beside ``out`` that a success may write."""


def make_case(
    entries: Sequence[Entry],
    options: Mapping[str, Mapping[str, str]],
    inputs: Path,
    folder: Path,
    seed: int,
    number: int,
) -> Case:
    """Makes a case, and its folder.

    Args:
        options: of each entry, by its name: flag -> kind.
        inputs: folder of the valid inputs.
        folder: to make.
    """
    rng = Random(f"{seed}/{number}")
    entry = rng.choice(entries)
    copy_inputs(entry, inputs, folder)
    files = [
        name
        for path in sorted((folder / "in").rglob("*"))
        if path.is_file() and entry.format_of(name := str(path.relative_to(folder)))
    ]
    if files and rng.random() < SHARE_OF_FILES:
        return _damage(entry, folder, rng.choice(files), rng)
    change = change_option(entry.words, options[entry.name], entry.fixed, rng)
    root = change.value.split("/")[0]
    outputs = () if not root or os.path.lexists(folder / root[:200]) else (root,)
    subjects = change.subjects and [*change.subjects, *_flags(change.words)]
    case = Case(entry, change.words, change.description, subjects, change.must_refuse)
    return replace(case, outputs=(*entry.beside, *outputs))


def _flags(words: Sequence[str]) -> list[str]:
    """The flags of a command line: a message that names one says where to look."""
    return [word.partition("=")[0] for word in words if word.startswith("--")]


def copy_inputs(entry: Entry, inputs: Path, folder: Path) -> None:
    """Makes the folder of a valid run; a writer to ``full`` finds a full disk, ``file`` is none."""
    (folder / "in").mkdir(parents=True)
    (folder / "out").mkdir()
    (folder / "full").symlink_to("/dev/full")
    (folder / "file").write_text("a file\n")
    for name in sorted(entry.inputs()):
        path, target = inputs / "in" / name, folder / "in" / name
        (shutil.copytree if path.is_dir() else shutil.copy)(path, target)


def _damage(entry: Entry, folder: Path, name: str, rng: Random) -> Case:
    form, path = entry.format_of(name), folder / name
    content = path.read_bytes()
    meaning = form.content(path)
    while True:
        mutation = rng.choice(form.mutations)
        try:
            words = mutation.change(path, rng)
        except (ValueError, UnicodeError):  # not for such a content
            words = ""
        if words and (not path.is_file() or path.read_bytes() != content):
            break
        path.write_bytes(content)
    shows = form.verified and not mutation.resealed and not _same(form.content, path, meaning)
    refused = mutation.name not in form.accepted and (mutation.must_refuse or shows)
    parents = [str(parent) for parent in Path(name).parents][:-2]
    # A log of an earlier run, which does not fit a changed input, may be named as well.
    subjects = [name, path.name, *parents, *entry.beside, *_flags(entry.words)]
    return Case(entry, entry.words, f"{name}: {words}", subjects, refused, entry.beside)


def _same(content, path: Path, meaning: object) -> bool:
    try:
        return path.is_file() and content(path) == meaning
    except Exception:  # noqa: BLE001  a damaged file raises whatever it likes
        return False
