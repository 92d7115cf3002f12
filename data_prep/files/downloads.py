"""Published files: fetched by their SHA-256, unpacked by name, or found in a user's own copy."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import tarfile
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from data_prep.errors import DownloadError, InputError
from data_prep.files.progress import Bar

TIMEOUT = 30  # seconds
_CHUNK = 1 << 18  # bytes
_DAMAGED = (KeyError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError)


def fetch(
    sources: Sequence[str],
    sha256: str,
    destination: Path,
    timeout: float = TIMEOUT,
    remedy: str = "get the data another way and name its folder with --raw-dir",
) -> None:
    """Downloads the file with this SHA-256 from the first of the URLs that gives it.

    Args:
        timeout: seconds without an answer or a byte until a source is given up.
        remedy: tells the user what to do if none has it.

    Raises:
        DownloadError: none did, with the reason of each. Nothing is at ``destination`` then.
    """
    temporary = destination.with_name(destination.name + ".part")
    failures = []
    try:
        for source in sources:
            try:
                if _download(source, temporary, timeout) == sha256:
                    os.replace(temporary, destination)
                    return
                failures.append(f"{source}: not the published file (its SHA-256 differs)")
            except (http.client.HTTPException, OSError) as error:
                failures.append(f"{source}: {str(error) or type(error).__name__}")
    finally:
        temporary.unlink(missing_ok=True)
    raise DownloadError(f"{destination.name} cannot be fetched ({'; '.join(failures)}); {remedy}")


def _download(source: str, path: Path, timeout: float) -> str:
    """Writes the content of a URL to ``path``; returns its SHA-256."""
    digest = hashlib.sha256()
    with urllib.request.urlopen(source, timeout=timeout) as answer, path.open("wb") as out:
        length = answer.headers.get("Content-Length")
        total = int(length) if length else None
        with Bar(total=total, desc=path.stem, unit="B", unit_scale=True) as bar:
            while data := answer.read(_CHUNK):
                digest.update(data)
                out.write(data)
                bar.update(len(data))
            received = bar.n
    if total is not None and received != total:  # urllib takes this for a normal end
        raise ConnectionError(f"ended after {received:,} of {total:,} bytes")
    return digest.hexdigest()


def extract(archive: Path, members: Sequence[str], folder: Path) -> None:
    """Writes the named members of a zip or tar file into ``folder``, without their folders.

    Members are looked up by their exact names: whatever else is in the archive, a path that
    leads out of it included, is never written.

    Raises:
        DownloadError: the archive is damaged or lacks a member; give a temporary ``folder``.
    """
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as opened:
                for name in members:
                    with opened.open(name) as source, _target(folder, name).open("wb") as out:
                        shutil.copyfileobj(source, out)
        else:
            with tarfile.open(archive) as opened:
                for name in members:
                    member = opened.extractfile(opened.getmember(name))
                    if member is None:
                        raise KeyError(f"{name} is not a plain file")
                    with member, _target(folder, name).open("wb") as out:
                        shutil.copyfileobj(member, out)
    except _DAMAGED as error:
        reason = error.args[0] if isinstance(error, KeyError) else error
        raise DownloadError(f"{archive.name} is damaged or incomplete ({reason})") from error


def read_members(archive: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """The name and content of the wanted plain files of a tar file; nothing is written.

    Raises:
        DownloadError: the archive is damaged.
    """
    try:
        with tarfile.open(archive) as opened:
            for member in opened:
                if not (member.isreg() and wanted(member.name)):
                    continue
                if source := opened.extractfile(member):
                    yield member.name, source.read()
    except _DAMAGED as error:
        raise DownloadError(f"{archive.name} is damaged or incomplete ({error})") from error


def _target(folder: Path, member: str) -> Path:
    return folder / PurePosixPath(member).name


def find_files(folder: Path, names: Sequence[str], subfolder: str) -> list[Path]:
    """A user's own copy of ``names``, in ``folder`` or in its sub-folder.

    Raises:
        InputError: neither has all of them.
    """
    for place in (folder, folder / subfolder):
        paths = [place / name for name in names]
        if all(path.is_file() for path in paths):
            return paths
    raise InputError(
        f"--raw-dir {folder}: neither it nor its sub-folder {subfolder} holds {', '.join(names)}; "
        "name the folder with these files"
    )
