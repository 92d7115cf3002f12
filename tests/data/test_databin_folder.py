"""The folder of a data-bin: verified against its manifest, read as it is without one."""

import shutil

import pytest

from data_prep.errors import InputError
from data_prep.files.manifests import write_manifest
from fairseq_cline.data import databin_folder
from fairseq_cline.data.databin_folder import DatabinFolder, open_shards

KIND = "language-modeling"


@pytest.fixture(autouse=True)
def nothing_said():
    databin_folder._say_once.cache_clear()


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "bin"
    path.mkdir()
    (path / "dict.txt").write_text("a 1\nb 1\n")
    (path / "train.bin").write_bytes(b"12345")
    write_manifest(path, KIND, 1)
    return path


def test_files_that_are_as_they_were(folder, caplog):
    databin = DatabinFolder(str(folder), KIND)
    databin.verify("dict.txt", "train.bin")
    assert databin.dictionary("dict.txt").symbols[-2:] == ["a", "b"]
    assert not caplog.messages


def test_a_changed_file_is_refused_when_it_is_used(folder):
    (folder / "train.bin").write_bytes(b"12346")
    databin = DatabinFolder(str(folder), KIND)
    databin.verify("dict.txt")
    with pytest.raises(InputError, match="train.bin: its SHA-256 is not that in manifest.json"):
        databin.verify("dict.txt", "train.bin")


def test_a_changed_dictionary_is_not_read(folder):
    (folder / "dict.txt").write_text("a 1\nc 1\n")
    with pytest.raises(InputError, match="dict.txt: its SHA-256.*--skip-verification"):
        DatabinFolder(str(folder), KIND).dictionary("dict.txt")


@pytest.mark.parametrize("content", [b"1234", b"123456", b""])
def test_another_size_is_refused_when_it_is_opened(folder, content):
    (folder / "train.bin").write_bytes(content)
    with pytest.raises(InputError, match=f"has {len(content)} bytes, but 5 in manifest.json"):
        DatabinFolder(str(folder), KIND)


def test_a_missing_file_is_refused_when_it_is_opened(folder):
    (folder / "train.bin").unlink()
    with pytest.raises(InputError, match="train.bin: missing, but in manifest.json"):
        DatabinFolder(str(folder), KIND)


def test_a_file_that_has_vanished_since(folder):
    databin = DatabinFolder(str(folder), KIND)
    (folder / "dict.txt").unlink()
    with pytest.raises(InputError, match="dict.txt: no such file"):
        databin.dictionary("dict.txt")


def test_a_file_that_does_not_belong_to_it(folder):
    (folder / "train1.bin").write_bytes(b"")
    databin = DatabinFolder(str(folder), KIND)
    databin.verify("train2.bin")  # there is none
    with pytest.raises(InputError, match="train1.bin: not in manifest.json, so it does not belong"):
        databin.verify("train1.bin")


def test_another_kind(folder):
    with pytest.raises(InputError, match="has the format 'language-modeling', not translation"):
        DatabinFolder(str(folder), "translation")


@pytest.mark.parametrize("how", ["flag", "no manifest"])
def test_unverified_data_is_said_once(folder, caplog, how):
    if how == "no manifest":
        (folder / "manifest.json").unlink()
    (folder / "dict.txt").write_text("c 1\n")
    for _ in range(2):
        databin = DatabinFolder(str(folder), KIND, verify=how != "flag")
        assert databin.dictionary("dict.txt").symbols[-1] == "c"
        databin.verify("other")
    (line,) = caplog.messages
    reason = "--skip-verification" if how == "flag" else "it has no manifest.json"
    assert line.startswith(f"{folder}: data not verified ({reason}")


def test_only_the_first_worker_says_it(folder, caplog, monkeypatch):
    monkeypatch.setattr(databin_folder.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(databin_folder.distributed, "get_rank", lambda: 1)
    DatabinFolder(str(folder), KIND, verify=False)
    assert not caplog.messages


def test_a_damaged_manifest_can_be_skipped(folder):
    (folder / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="manifest.json: damaged"):
        DatabinFolder(str(folder), KIND)
    DatabinFolder(str(folder), KIND, verify=False).verify("dict.txt")


def test_shards_have_one_dictionary(folder, tmp_path):
    for name in ("same", "other"):
        shutil.copytree(folder, tmp_path / name)
    (tmp_path / "other" / "dict.txt").write_text("a 1\nd 1\n")
    write_manifest(tmp_path / "other", KIND, 1)
    folders = [str(folder), str(tmp_path / "same"), str(tmp_path / "other")]
    assert len(open_shards(folders[:2], KIND)) == 2
    with pytest.raises(InputError, match="other/dict.txt differs from .*bin/dict.txt"):
        open_shards(folders, KIND)
    assert len(open_shards(folders, KIND, verify=False)) == 3
