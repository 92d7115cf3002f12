"""Manifests: what the files of a data-bin were when it was made, so that later damage is seen.

``manifest.json`` has ``format`` and ``version``, ``generator`` (a number that is raised when the
files of the same input become others), ``files`` with the bytes and the SHA-256 of each, and
``sha256``: that of the manifest itself, without this entry.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TypeAlias

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.progress import Bar
from data_prep.files.whole import write_text

MANIFEST = "manifest.json"
Kind: TypeAlias = Literal["cline-triplets", "language-modeling", "translation", "classification"]
# The version of each format that is written and read here.
VERSIONS: dict[Kind, int] = {
    "cline-triplets": 2,
    "language-modeling": 1,
    "translation": 1,
    "classification": 1,
}
REMEDY = "copy the data-bin again, or make it again"
_MAX_BYTES = 1 << 24  # a manifest is read into memory
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class FileEntry:
    """A file as the manifest has it."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """A manifest that fits its own SHA-256."""

    path: Path
    content: dict[str, Any]
    files: dict[str, FileEntry]
    """Name in the folder, with ``/`` between its parts -> what the file was."""


def write_manifest(
    folder: Path,
    kind: Kind,
    generator: int,
    names: Iterable[str] | None = None,
    **details: Any,
) -> None:
    """Writes the manifest of a folder, at the end of all work on it.

    Args:
        kind: format of the data-bin.
        generator: number of the code that has made the files.
        names: files in the folder; None takes all that are in it.
        details: further entries, which only readers of this kind know.
    """
    if names is None:
        paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
        names = [path.relative_to(folder).as_posix() for path in paths]
    files = {
        name: _entry(folder / name)
        for name in Bar(names, "checksums", unit="file", leave=False)
        if name != MANIFEST
    }
    content = {"format": kind, "version": VERSIONS[kind], "generator": generator, **details}
    _write(folder / MANIFEST, {**content, "files": files})


def renew_entry(manifest: Manifest, name: str) -> None:
    """Puts a file of the folder, new or changed on purpose, into the manifest as it is now."""
    files = {**manifest.content["files"], name: _entry(manifest.path.with_name(name))}
    _write(manifest.path, {**manifest.content, "files": files})


def read_manifest(folder: str | os.PathLike[str], kind: Kind | None = None) -> Manifest | None:
    """Reads the manifest of a folder; None when there is none, as in fairseq-preprocess's.

    Args:
        kind: the format that is expected; None takes any.

    Raises:
        InputError: the manifest is damaged, or of another format or version.
    """
    path = Path(folder, MANIFEST)
    if not os.path.lexists(path):
        return None
    content = _parse(path)
    form, version = content.get("format"), content.get("version")
    if not isinstance(form, str) or form not in VERSIONS or kind not in (None, form):
        expected = kind or ", ".join(VERSIONS)
        raise InputError(
            f"{path}: has the format {form!r:.40}, not {expected}; give another data-bin"
        )
    if version is True or version != VERSIONS[form]:
        raise InputError(
            f"{path}: has version {version!r:.20} of the format {form}, but this program reads "
            f"version {VERSIONS[form]}; make the data-bin again"
        )
    return Manifest(path, content, _entries(path, content.get("files")))


def _entry(path: Path) -> dict[str, int | str]:
    return {"bytes": path.stat().st_size, "sha256": file_sha256(path)}


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


def _digest(content: dict[str, Any]) -> str:
    rest = {key: value for key, value in content.items() if key != "sha256"}
    return hashlib.sha256(_text(rest).encode()).hexdigest()


def _write(path: Path, content: dict[str, Any]) -> None:
    write_text(path, _text({**content, "sha256": _digest(content)}))


def _parse(path: Path) -> dict[str, Any]:
    """The content, if the text is to the byte what was written."""
    try:
        # Not larger than can be read, and no pipe that is waited for.
        readable = path.is_file() and path.stat().st_size <= _MAX_BYTES
        text = path.read_bytes().decode() if readable else ""
        content = json.loads(text)
        # The SHA-256 is that of the values, and two texts can have the same values.
        whole = isinstance(content, dict) and _text(content) == text
        whole = whole and content.get("sha256") == _digest(content)
    except (ValueError, RecursionError, OSError):
        whole = False
    if not whole:
        raise InputError(f"{path}: damaged, or not written by data_prep; {REMEDY}")
    return content


def _entries(path: Path, files: object) -> dict[str, FileEntry]:
    """The checked entries; a manifest with a right SHA-256 can still be a hostile one."""
    checked = {}
    for name, value in (files if isinstance(files, dict) else {"": None}).items():
        entry = _parse_entry(value)
        if entry is None or not _is_inside(name):
            shown = f"the file {name!r:.60}" if name else "its files"
            raise InputError(f"{path}: {shown}: no entry of a file in the folder; {REMEDY}")
        checked[name] = entry
    return checked


def _is_inside(name: str) -> bool:
    """Whether a name is that of a file in the folder, in the one form that names are written in."""
    if not name.isprintable() or "\\" in name:
        return False
    path = PurePosixPath(name)
    return (
        str(path) == name not in (MANIFEST, ".")
        and not path.is_absolute()
        and ".." not in path.parts
    )


def _parse_entry(value: object) -> FileEntry | None:
    """The entry, if it is one."""
    match value:
        case {"bytes": int(size), "sha256": str(digest), **others}:
            whole = size >= 0 and not isinstance(size, bool) and _SHA256.fullmatch(digest)
            return FileEntry(size, digest) if whole and not others else None
    return None
