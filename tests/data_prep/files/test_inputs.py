"""Files that are read: regular ones, which have an end."""

import os

import pytest

from data_prep.errors import InputError
from data_prep.files.inputs import check_readable, read_bounded


def test_a_file_is_read(tmp_path):
    (tmp_path / "text").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("text")
    assert read_bounded(tmp_path / "link", 3) == b"abc"
    with pytest.raises(InputError, match="text: has 3 bytes, wanted at most 2; give another file"):
        read_bounded(tmp_path / "text", 2)


def test_what_has_no_end_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, kind in (
        (tmp_path / "pipe", "a pipe or a device"),
        ("/dev/zero", "a pipe or a device"),
        (tmp_path, "a folder"),
        (tmp_path / "absent", "No such file or directory"),
    ):
        with pytest.raises(InputError, match=rf"^{path}: cannot be read \({kind}\); "):
            check_readable(path)
