"""A file of antonyms for the `dictionary` of a test."""

import hashlib

import pytest

from fairseq_cline.data.antonyms_file import Antonyms


@pytest.fixture
def write(dictionary, tmp_path):
    """Writes dict.txt and antonyms.txt of the given lines, and returns the path of the latter."""

    def write(*lines, header=None, end="\n"):
        dictionary.save(str(tmp_path / "dict.txt"))
        digest = hashlib.sha256((tmp_path / "dict.txt").read_bytes()).hexdigest()
        header = f"# dict.txt sha256 {digest}" if header is None else header
        (tmp_path / "antonyms.txt").write_text("\n".join([header, *lines]) + end)
        return tmp_path / "antonyms.txt"

    return write


@pytest.fixture
def read(dictionary, tmp_path):
    """Reads antonyms.txt beside dict.txt."""
    return lambda: Antonyms(tmp_path / "dict.txt", dictionary)
