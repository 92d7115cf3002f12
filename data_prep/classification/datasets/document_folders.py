"""Data sets of documents, a file each, in folders named by their label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from data_prep.classification.datasets.rows import Row, Table
from data_prep.errors import InputError
from data_prep.files.byte_order_marks import without_mark
from data_prep.files.downloads import fetch, read_members
from data_prep.files.inputs import check_readable
from data_prep.files.progress import Bar


@dataclass(frozen=True)
class DocumentFolders:
    """A data set: its archive, and the folders of its splits and labels."""

    sources: tuple[str, ...]
    """Addresses of the archive."""
    sha256: str
    folders: Mapping[str, str]
    """Split -> folder in the archive; it has a folder for each label."""
    labels: tuple[str, ...]
    encoding: str
    markup: str | None = None
    """Text that stands for a line break in the documents; None: they have line breaks."""

    def obtain(self, raw_dir: Path | None, scratch: Path) -> dict[str, Table]:
        """Split -> its rows, of the user's unpacked copy or of a download into ``scratch``.

        Raises:
            InputError: the user's copy is incomplete, or a document is not text.
            DownloadError: the archive cannot be fetched.
        """
        if raw_dir is None:
            source = scratch / PurePosixPath(self.sources[0]).name
            fetch(self.sources, self.sha256, source)
            documents = read_members(source, self._is_document)
        else:
            source, documents = raw_dir, self._in_folder(raw_dir)
        # By name: archives and file systems have orders of their own.
        ordered = sorted(Bar(documents, desc=source.name, unit=" documents"))
        return {
            split: Table(source, self._rows(ordered, folder))
            for split, folder in self.folders.items()
        }

    def _is_document(self, name: str) -> bool:
        folder = PurePosixPath(name).parent
        return str(folder.parent) in self.folders.values() and folder.name in self.labels

    def _in_folder(self, raw_dir: Path) -> Iterator[tuple[str, bytes]]:
        for folder in self.folders.values():
            for label in self.labels:
                place = raw_dir / folder / label
                if not place.is_dir():
                    raise InputError(
                        f"--raw-dir {raw_dir}: no folder {folder}/{label} in it; name the folder "
                        f"in which {PurePosixPath(self.sources[0]).name} was unpacked"
                    )
                for path in place.glob("[!.]*"):  # no .DS_Store
                    check_readable(path)
                    yield f"{folder}/{label}/{path.name}", path.read_bytes()

    def _rows(self, documents: Sequence[tuple[str, bytes]], folder: str) -> Iterator[Row]:
        for name, content in documents:
            if name.startswith(f"{folder}/"):
                yield self._row(name, content)

    def _row(self, name: str, content: bytes) -> Row:
        try:
            text = without_mark(content).decode(self.encoding)
        except UnicodeDecodeError as error:
            raise InputError(
                f"{name}: not {self.encoding} text; unpack the archive again"
            ) from error
        if self.markup:
            text = text.replace(self.markup, " ")
        text = " ".join(text.split())
        return [PurePosixPath(name).parent.name, text] if text else None
