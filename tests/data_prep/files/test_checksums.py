"""SHA-256 of files."""

import hashlib

from data_prep.files.checksums import file_sha256


def test_one_file_and_several(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"a" * 300_000)
    two.write_bytes(b"b")
    assert file_sha256(one) == hashlib.sha256(b"a" * 300_000).hexdigest()
    assert file_sha256(str(one), two) == hashlib.sha256(b"a" * 300_000 + b"b").hexdigest()
