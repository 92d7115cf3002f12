"""Data sets that are published as one or more files for each split, an example a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from data_prep.classification.datasets.rows import Row, Table
from data_prep.errors import InputError
from data_prep.files.downloads import fetch, find_files


@dataclass(frozen=True)
class SplitFiles:
    """A data set: its files, and how they are read."""

    home: str
    """Address that the names of the files are added to."""
    folder: str
    """Usual name of the folder of a user's copy."""
    names: Mapping[str, tuple[str, ...]]
    """Split -> files."""
    read: Callable[..., Iterator[Row]]
    """Files of a split -> its rows."""
    sha256: Mapping[str, str] = field(default_factory=dict)
    """File -> its SHA-256; none: the files are not downloaded."""

    def obtain(self, raw_dir: Path | None, scratch: Path) -> dict[str, Table]:
        """Split -> its rows, of the user's copy or of a download into ``scratch``.

        Raises:
            InputError: the user's copy is needed, incomplete or wrong.
            DownloadError: the files cannot be fetched.
        """
        folder = raw_dir or self._download(scratch)
        tables = {}
        for split, names in self.names.items():
            paths = find_files(folder, names, self.folder)
            tables[split] = Table(paths[0], self.read(*paths))
        return tables

    def _download(self, scratch: Path) -> Path:
        names = [name for files in self.names.values() for name in files]
        if not self.sha256:
            raise InputError(
                f"no SHA-256 of this data set is published, so it is not downloaded: get "
                f"{', '.join(names)} from {self.home} and name their folder with --raw-dir"
            )
        for name in names:
            fetch([self.home + name], self.sha256[name], scratch / name)
        return scratch
