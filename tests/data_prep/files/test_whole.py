"""Files and folders that are written whole or not at all."""

import os

import pytest

from data_prep.errors import InputError
from data_prep.files.whole import check_new, new_folder, whole_file, write_json, write_text


def test_a_file_appears_at_the_end(tmp_path):
    path = tmp_path / "text"
    with whole_file(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["text"]


def test_after_an_error_the_older_file_is_as_it_was(tmp_path):
    path = tmp_path / "text"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), whole_file(path) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["text"]


def test_a_file_that_cannot_be_named_leaves_nothing(tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_text(tmp_path / "text", "new")
    assert os.listdir(tmp_path) == []


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "real").read_text() == "new" and (tmp_path / "link").is_symlink()


def test_what_is_no_regular_file_is_written_directly(tmp_path):
    with whole_file("/dev/null") as target:
        assert str(target) == "/dev/null"
    assert os.path.exists("/dev/null")


def test_text_and_json_are_utf8_with_the_given_line_ends(tmp_path):
    write_text(tmp_path / "text", "naïve\r\n")
    assert (tmp_path / "text").read_bytes() == "naïve\r\n".encode()
    write_json(tmp_path / "json", {"b": 1, "a": "ä"}, sort_keys=True, ensure_ascii=False)
    assert (tmp_path / "json").read_text(encoding="utf-8") == '{"a": "ä", "b": 1}\n'


def test_a_folder_appears_at_the_end(tmp_path):
    destdir = tmp_path / "deep" / "bin"
    with new_folder(destdir) as folder:
        (folder / "text").touch()
        assert not destdir.exists()
    assert os.listdir(destdir) == ["text"]
    assert os.listdir(tmp_path / "deep") == ["bin"]


def test_after_an_error_there_is_no_folder(tmp_path):
    with pytest.raises(ZeroDivisionError), new_folder(tmp_path / "bin"):
        raise ZeroDivisionError
    assert os.listdir(tmp_path) == []


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "empty").mkdir()
    check_new(tmp_path / "empty")
    (tmp_path / "file").touch()
    for there in (tmp_path, tmp_path / "file"):
        with pytest.raises(InputError, match=f"{there}: exists already; choose another folder"):
            check_new(there)
        with pytest.raises(InputError, match="exists already"), new_folder(there):
            raise AssertionError


def test_the_permissions_of_an_older_file_stay(tmp_path):
    path = tmp_path / "text"
    path.write_text("old")
    path.chmod(0o600)
    write_text(path, "new")
    assert path.read_text() == "new" and path.stat().st_mode & 0o777 == 0o600


def test_a_link_at_the_temporary_place_leads_nowhere(tmp_path):
    (tmp_path / "other").write_text("mine")
    (tmp_path / "text.tmp").symlink_to("other")
    write_text(tmp_path / "text", "new")
    assert (tmp_path / "other").read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["other", "text"]


def test_a_link_to_an_empty_folder_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with new_folder(tmp_path / "link") as folder:
        (folder / "text").touch()
    assert os.listdir(tmp_path / "real") == ["text"] and (tmp_path / "link").is_symlink()


def test_after_an_error_the_folders_above_are_gone_too(tmp_path):
    with pytest.raises(ZeroDivisionError), new_folder(tmp_path / "deep" / "deeper" / "bin"):
        raise ZeroDivisionError
    assert os.listdir(tmp_path) == []


def test_places_where_no_folder_can_be_made(tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for place in (".", "", "..", tmp_path / "x" / ".." / "here"):
        with pytest.raises(InputError, match="is the current folder, or one above; name a new"):
            check_new(place)
    with pytest.raises(InputError, match="n: no name of a folder .File name too long.; choose"):
        check_new("n" * 300)
    (tmp_path / "file").touch()
    for below in ("new", "deep/new"):
        with pytest.raises(InputError, match=f"new: {tmp_path}/file is no folder; choose"):
            check_new(tmp_path / "file" / below)
    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda *_: False)
        with pytest.raises(InputError, match=f"new: {tmp_path} may not be written to; choose"):
            check_new(tmp_path / "no" / "new")
    monkeypatch.setattr(os.path, "ismount", lambda _: True)
    (tmp_path / "disk").mkdir()
    with pytest.raises(InputError, match="disk: a disk is mounted there; name a new folder in it"):
        check_new(tmp_path / "disk")


def test_errors_of_a_full_disk_name_the_file(tmp_path):
    path = tmp_path / "text"
    with pytest.raises(OSError) as caught, whole_file(path) as temporary:
        temporary.touch()
        raise OSError(28, "No space left on device")
    assert caught.value.filename == str(path)
    with pytest.raises(OSError) as caught:
        write_text(tmp_path / "missing" / "text", "new")
    assert caught.value.filename == str(tmp_path / "missing" / "text")
    for name in (None, "a/file/that/is/copied", f"{tmp_path}/.unfinished-folder-x1/folder/text"):
        with pytest.raises(OSError) as caught, new_folder(tmp_path / "folder"):
            raise OSError(28, "No space left on device", name)
        assert caught.value.filename == str(tmp_path / "folder")
    with pytest.raises(OSError) as caught, new_folder(tmp_path / "folder"):
        raise OSError(2, "No such file or directory", "a/file/that/is/read")
    assert caught.value.filename == "a/file/that/is/read"
    assert os.listdir(tmp_path) == []
