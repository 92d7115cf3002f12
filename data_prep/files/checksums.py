"""SHA-256 of files: tells whether two files are the same, and a damaged one from a whole one."""

import hashlib
import os


def file_sha256(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with open(path, "rb") as binary:
        return hashlib.file_digest(binary, "sha256").hexdigest()
