"""Files that are compared once: the record of what was verified, and what makes it void."""

import hashlib
import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from fairseq_cline.data import verified_files
from fairseq_cline.data.verified_files import differing_files, record_path


@pytest.fixture(autouse=True)
def record(tmp_path, monkeypatch):
    """A record of its own, in which files of any age are kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(verified_files, "_this_process", {})
    monkeypatch.setattr(verified_files, "_SETTLED_NS", -1)
    return tmp_path / "cache" / "fairseq_cline" / "verified.json"


@pytest.fixture
def read(monkeypatch):
    """The paths of the files that are read, in their order."""
    paths = []

    def sha256(file, bar):
        paths.append(file.name)
        return stock(file, bar)

    stock = verified_files._sha256
    monkeypatch.setattr(verified_files, "_sha256", sha256)
    return paths


@pytest.fixture
def expected(tmp_path):
    """Path -> SHA-256 of three files."""
    found = {}
    for name in "abc":
        (tmp_path / name).write_bytes(name.encode() * 1000)
        found[str(tmp_path / name)] = hashlib.sha256(name.encode() * 1000).hexdigest()
    return found


def another_process(monkeypatch):
    monkeypatch.setattr(verified_files, "_this_process", {})


def test_a_file_is_read_once(expected, read, record, monkeypatch):
    assert differing_files(expected) == [] and len(read) == 3
    assert differing_files(expected) == [] and len(read) == 3
    another_process(monkeypatch)
    assert differing_files(expected) == [] and len(read) == 3
    assert record_path() == record and [*json.loads(record.read_text())] == [*expected]
    record.unlink()
    assert differing_files(expected) == [] and len(read) == 6


def test_another_sha256_is_never_believed(expected, read, tmp_path):
    assert differing_files(expected) == []
    wrong = {**expected, str(tmp_path / "b"): "0" * 64}
    assert differing_files(wrong) == differing_files(wrong) == [str(tmp_path / "b")]
    assert read[3:] == 2 * [str(tmp_path / "b")]


def test_any_change_makes_the_record_void(expected, read, tmp_path):
    """Also one that keeps the size and sets the time of the change back."""
    path = tmp_path / "b"
    assert differing_files(expected) == []
    before = path.stat()
    time.sleep(0.02)  # the clock of the file system may tick that slowly
    path.write_bytes(b"x" * 1000)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert differing_files(expected) == [str(path)]
    path.write_bytes(b"b" * 1000)
    assert differing_files(expected) == []
    other = tmp_path / "other"
    other.write_bytes(b"y" * 1000)
    os.replace(other, path)  # another file of that name
    assert differing_files(expected) == [str(path)]


def test_a_file_that_was_just_written_is_read_again(expected, read, monkeypatch):
    """A change within the same tick of the clock would not show."""
    monkeypatch.setattr(verified_files, "_SETTLED_NS", 10**12)
    assert differing_files(expected) == differing_files(expected) == []
    assert len(read) == 6


def test_a_file_that_changes_while_it_is_read_is_not_recorded(expected, monkeypatch, tmp_path):
    def sha256(file, bar):
        time.sleep(0.02)
        os.utime(file.name)
        return expected[file.name]

    monkeypatch.setattr(verified_files, "_sha256", sha256)
    assert differing_files(expected) == []
    assert not verified_files._this_process


def test_links_are_followed(expected, read, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert differing_files(expected) == []
    assert differing_files({str(tmp_path / "link"): expected[str(tmp_path / "a")]}) == []
    assert len(read) == 3


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "[" * 100_000, '{"a": 1}', "\x00", '{"a": [[[]]]}', "9" * 5000],
)
def test_a_damaged_record_is_made_anew(expected, read, record, content):
    record.parent.mkdir(parents=True)
    record.write_text(content)
    assert differing_files(expected) == [] and len(read) == 3
    assert [*json.loads(record.read_text())] == [*expected]


def test_wrong_entries_are_not_believed(expected, read, record):
    entries = [None, [], "x", {}, [1, 2, 3, 4, "x"], [[1], 2, 3, 4, 5], True]
    record.parent.mkdir(parents=True)
    for entry in entries:
        record.write_text(json.dumps(dict.fromkeys(expected, entry)))
        verified_files._this_process.clear()
        assert differing_files(expected) == []
    assert len(read) == 3 * len(entries)


@pytest.mark.parametrize("kind", ["folder", "pipe", "file for a folder", "no home"])
def test_a_record_that_cannot_be_written_is_no_error(
    expected, read, record, kind, monkeypatch, tmp_path
):
    if kind == "no home":
        monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    elif kind == "file for a folder":
        record.parents[1].write_text("")
    else:
        record.parent.mkdir(parents=True)
        (record.mkdir if kind == "folder" else lambda: os.mkfifo(record))()
    assert differing_files(expected) == differing_files(expected) == []
    assert len(read) == 3  # this process remembers
    if kind == "folder":
        assert [path.name for path in record.parent.iterdir()] == ["verified.json"]


def test_a_record_of_somebody_else_is_not_read(expected, read, monkeypatch):
    assert differing_files(expected) == []
    another_process(monkeypatch)
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    assert differing_files(expected) == [] and len(read) == 6


def test_a_relative_cache_folder_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert record_path() == tmp_path / ".cache" / "fairseq_cline" / "verified.json"


def test_the_record_keeps_what_others_have_written(expected, record, monkeypatch):
    first, second, third = expected.items()
    differing_files(dict([first]))
    another_process(monkeypatch)
    differing_files(dict([second, third]))
    assert [*json.loads(record.read_text())] == [*expected]


def test_the_record_does_not_grow_for_ever(expected, record, monkeypatch):
    monkeypatch.setattr(verified_files, "_MAX_FILES", 2)
    assert differing_files(expected) == []
    assert [*json.loads(record.read_text())] == [*expected][1:]


def differ(paths, expected):
    """The finding of a worker, which has nothing but the record."""
    verified_files._this_process.clear()
    return [differing_files({path: expected[path]}) for path in paths]


def test_processes_that_write_at_once(expected, record):
    """A record that one of them overwrites costs a reading; it is never a damaged one."""
    paths = 40 * [*expected]
    with ProcessPoolExecutor(4, mp_context=get_context("fork")) as pool:
        found = [pool.submit(differ, paths, expected) for _ in range(4)]
        assert all(one.result() == [[]] * len(paths) for one in found)
    assert {*json.loads(record.read_text())} <= {*expected}
    assert [path.name for path in record.parent.iterdir()] == ["verified.json"]
