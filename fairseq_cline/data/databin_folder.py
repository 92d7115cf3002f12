"""The folder of a data-bin, whose files are verified before they are read."""

import functools
import logging
import os
from collections.abc import Mapping

from fairseq.data import Dictionary
from torch import distributed

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import load_dictionary
from data_prep.files.manifests import MANIFEST, REMEDY, FileEntry, Kind, read_manifest
from fairseq_cline.data.verified_files import differing_files

logger = logging.getLogger(__name__)

_SKIP = "--skip-verification"
SKIP_HELP = (
    "do not compare the files of the data-bin with the SHA-256 that its manifest has of them (that "
    "takes 1 to 2 seconds a gigabyte, the first time only)"
)


class DatabinFolder:
    """Compares the files of a data-bin with its manifest, each when it is asked for.

    A data-bin without a manifest, as fairseq-preprocess makes it, is read as it is. A line in the
    log says so.

    Args:
        folder: path of the data-bin.
        kind: format that the manifest must have; None: any.
        verify: False: the files are read as they are, and a line in the log says so.
        way_out: tells users what they may do to have the files read as they are.

    Raises:
        InputError: the manifest is damaged or of another kind, or a file in it is missing or has
            another size.
    """

    def __init__(
        self,
        folder: str,
        kind: Kind | None,
        verify: bool = True,
        way_out: str = f"give {_SKIP}",
    ):
        self.folder, self._way_out = folder, way_out
        self.manifest = read_manifest(folder, kind) if verify else None
        for name, entry in self.files.items():
            self._check_size(name, entry.bytes)
        if self.manifest is None and os.path.isdir(folder):
            reason = f"it has no {MANIFEST}, as fairseq-preprocess makes it" if verify else _SKIP
            _say_once(f"{folder}: data not verified ({reason})")

    @property
    def files(self) -> Mapping[str, FileEntry]:
        """The files of the manifest; none when there is no manifest, or it is not to be used."""
        return self.manifest.files if self.manifest else {}

    def path(self, *parts: str) -> str:
        return os.path.join(self.folder, *parts)

    def verify(self, *names: str) -> None:
        """Compares files with the manifest, if there is one; a missing file is left to its reader.

        Args:
            names: files in the folder, with "/" between the parts of a name.

        Raises:
            InputError: one is damaged, or does not belong to the data-bin.
        """
        if self.manifest is None:
            return
        there = [name for name in names if os.path.exists(self.path(name))]
        for name in there:
            if name not in self.files:
                raise InputError(
                    f"{self.path(name)}: not in {MANIFEST}, so it does not belong to the data-bin; "
                    f"make the data-bin again with it, or {self._way_out}"
                )
        expected = {self.path(name): self.files[name].sha256 for name in there}
        try:
            differing = differing_files(expected, show_progress=_is_first_worker())
        except OSError as error:
            raise InputError(f"{self.folder}: cannot be read ({error}); {REMEDY}") from error
        for path in differing:
            raise InputError(
                f"{path}: its SHA-256 is not that in {MANIFEST} (damaged or changed); {REMEDY}, or "
                f"{self._way_out}"
            )

    def dictionary(self, name: str, remedy: str = "give the folder of a data-bin") -> Dictionary:
        """Reads a dictionary of the data-bin, verified.

        Args:
            remedy: as for `load_dictionary`.

        Raises:
            InputError: it is missing or damaged, or does not belong to the data-bin.
        """
        self.verify(name)
        return load_dictionary(self.path(name), remedy)

    def _check_size(self, name: str, expected: int) -> None:
        path = self.path(name)
        if not os.path.isfile(path):
            raise InputError(f"{path}: missing, but in {MANIFEST}; {REMEDY}")
        size = os.path.getsize(path)
        if size != expected:
            raise InputError(
                f"{path}: has {size:,} bytes, but {expected:,} in {MANIFEST} (cut short or "
                f"changed); {REMEDY}, or {self._way_out}"
            )


def open_shards(folders: list[str], kind: Kind, verify: bool = True) -> list[DatabinFolder]:
    """Opens data-bins that are read one after the other, with the dictionaries of the first.

    Raises:
        InputError: as `DatabinFolder`; or one was made with other dictionaries.
    """
    shards = [DatabinFolder(folder, kind, verify) for folder in folders]
    first, *others = shards
    for other in others:
        for name in first.files.keys() & other.files.keys():
            is_dictionary = os.path.basename(name).startswith("dict.")
            if is_dictionary and first.files[name] != other.files[name]:
                raise InputError(
                    f"{other.path(name)} differs from {first.path(name)}; shards must be made with "
                    "one dictionary"
                )
    return shards


def _is_first_worker() -> bool:
    return not distributed.is_initialized() or distributed.get_rank() == 0


@functools.cache
def _say_once(line: str) -> None:
    if _is_first_worker():
        logger.warning(line)
