"""Folders for unfinished work: removed at the end, or by the next program after a kill."""

import os

from data_prep.files.scratch import scratch_folder


def test_nothing_is_left(tmp_path):
    with scratch_folder(tmp_path / "out", "unfinished") as folder:
        assert folder.parent == tmp_path and folder.name.startswith(".unfinished-out-")
        (folder / "half").write_text("x")
    assert os.listdir(tmp_path) == []


def test_the_folder_of_a_killed_program_is_removed_by_the_next(tmp_path):
    left = tmp_path / ".unfinished-out-abc"
    left.mkdir()
    (left / ".in-use").touch()
    (left / "half").write_text("x")
    with scratch_folder(tmp_path / "out", "unfinished"):
        assert not left.exists()


def test_folders_in_use_and_of_others_stay(tmp_path):
    others = [
        tmp_path / name for name in (".unfinished-other-a", ".downloads-out-a", ".unfinished-out")
    ]
    for other in others:
        other.mkdir()
        (other / ".in-use").touch()
    with scratch_folder(tmp_path / "out", "unfinished") as first:
        with scratch_folder(tmp_path / "out", "unfinished") as second:
            assert first.exists() and second.exists() and first != second
        assert first.exists() and not second.exists()
    assert all(other.exists() for other in others)


def test_a_name_is_no_pattern(tmp_path):
    other = tmp_path / ".unfinished-oout-a"
    other.mkdir()
    (other / ".in-use").touch()
    with scratch_folder(tmp_path / "[o]ut", "unfinished"):
        assert other.exists()
