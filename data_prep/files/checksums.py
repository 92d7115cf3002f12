"""SHA-256 of files: tells whether two files are the same, and a damaged one from a whole one."""

import hashlib
import os


def file_sha256(*paths: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's content, in hexadecimal; of several files, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as binary:
            hashlib.file_digest(binary, lambda: digest)
    return digest.hexdigest()
