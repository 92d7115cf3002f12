"""SHA-256 of files: tells whether two files are the same, and a damaged one from a whole one."""

import hashlib
import os
from pathlib import Path

from data_prep.files.byte_order_marks import without_mark


def file_sha256(*paths: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's content, in hexadecimal; of several files, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as binary:
            hashlib.file_digest(binary, lambda: digest)
    return digest.hexdigest()


def text_sha256(*paths: str | os.PathLike[str]) -> str:
    """SHA-256 of texts that fit into memory, the same with and without byte order marks."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(without_mark(Path(path).read_bytes()))
    return digest.hexdigest()
