"""Manifests: what was written is read, and nothing else is."""

import hashlib
import json
import os
import random
from pathlib import Path

import pytest

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.manifests import (
    VERSIONS,
    FileEntry,
    read_manifest,
    renew_entry,
    write_manifest,
)


@pytest.fixture
def folder(tmp_path) -> Path:
    """Files in two folders, and their manifest."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "dict.txt").write_text("a 1\n")
    (tmp_path / "raw" / "test.en").write_text("a\n")
    write_manifest(tmp_path, "translation", 3, share=0.30000000000000004, tiny=1e-05)
    return tmp_path


def sign(content: dict) -> str:
    """The text of a manifest whose SHA-256 is right, whatever else is in it."""
    rest = {key: value for key, value in content.items() if key != "sha256"}
    text = json.dumps(rest, indent=1, sort_keys=True) + "\n"
    signed = {**rest, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    return json.dumps(signed, indent=1, sort_keys=True) + "\n"


def test_it_has_every_file_of_the_folder(folder):
    manifest = read_manifest(folder, "translation")
    assert manifest.files == {
        name: FileEntry((folder / name).stat().st_size, file_sha256(folder / name))
        for name in ("dict.txt", "raw/test.en")
    }
    content = json.loads((folder / "manifest.json").read_text())
    assert content == manifest.content
    assert content["format"] == "translation" and content["generator"] == 3
    assert content["share"] == 0.30000000000000004
    assert (folder / "manifest.json").read_text() == sign(content)


def test_only_the_named_files_if_there_are_names(folder):
    write_manifest(folder, "cline-triplets", 1, ["dict.txt"])
    assert [*read_manifest(folder, "cline-triplets").files] == ["dict.txt"]


def test_no_manifest(tmp_path):
    assert read_manifest(tmp_path) is None
    assert read_manifest(tmp_path / "nowhere") is None


def test_a_file_that_was_changed_on_purpose(folder):
    before = read_manifest(folder)
    (folder / "antonyms.txt").write_text("4\t5\n")
    (folder / "dict.txt").write_text("b 1\n")
    renew_entry(before, "antonyms.txt")
    after = read_manifest(folder)
    assert after.files["antonyms.txt"].sha256 == file_sha256(folder / "antonyms.txt")
    assert after.files["dict.txt"] == before.files["dict.txt"]
    assert after.content["share"] == before.content["share"]


def refused(folder: Path, kind="translation") -> str:
    with pytest.raises(InputError) as error:
        read_manifest(folder, kind)
    message = str(error.value)
    assert message.startswith(f"{folder}/manifest.json: ") and "\n" not in message
    assert len(message) < len(str(folder)) + 300
    return message


def test_every_flipped_bit_is_seen(folder):
    """Also one that leaves the values as they are: 1e-05 and 1E-05, digits of a long number."""
    path = folder / "manifest.json"
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        refused(folder)


def test_truncated_or_longer(folder):
    path = folder / "manifest.json"
    whole = path.read_bytes()
    for size in random.Random(1).sample(range(len(whole)), 40):
        path.write_bytes(whole[:size])
        refused(folder)
    for addition in (b"\n", b" ", b"{}", b"\x00"):
        path.write_bytes(whole + addition)
        refused(folder)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "1", '"a"', "{}", '{"a": 1e999}', '{"a": NaN}',
        "[" * 100_000, '{"a":' * 100_000, '{"a": ' + "9" * 5000 + "}", "\ufeff{}", "\x00" * 99,
        '{"format": "translation", "format": "translation"}',
    ],
)  # fmt: skip
def test_other_json_and_no_json(folder, text):
    (folder / "manifest.json").write_text(text)
    assert "damaged, or not written by data_prep; copy the data-bin again" in refused(folder)


@pytest.mark.parametrize("kind", ["folder", "pipe", "large", "not UTF-8", "dead link"])
def test_what_is_no_text_of_its_size(folder, kind):
    path = folder / "manifest.json"
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "large":
        with path.open("wb") as file:
            file.truncate(1 << 40)
    elif kind == "not UTF-8":
        path.write_bytes(b"\xff\xfe{\x00}\x00")
    else:
        path.symlink_to(folder / "nowhere")
    refused(folder)


ENTRY = {"bytes": 4, "sha256": "0" * 64}


@pytest.mark.parametrize(
    "files",
    [
        None, [], "dict.txt", 7, {"dict.txt": None}, {"dict.txt": []}, {"dict.txt": "0" * 64},
        {"dict.txt": {"bytes": 4}}, {"dict.txt": {**ENTRY, "more": 1}},
        *({"dict.txt": {**ENTRY, "bytes": value}} for value in (-1, True, 4.0, "4", None, [4])),
        *({"dict.txt": {**ENTRY, "sha256": value}} for value in ("", "0" * 63, "G" * 64, None, 0)),
        *(
            {name: ENTRY}
            for name in (
                "../dict.txt", "/etc/passwd", "raw/../../x", "..", ".", "", "raw//x", "./x", "raw/",
                "raw\\x", "a\nb", "a\x00b", "\ud800", "manifest.json", "raw/./x",
            )
        ),
    ],
)  # fmt: skip
def test_entries_that_are_none(folder, files):
    """The SHA-256 of the manifest is right: whoever made it did so on purpose."""
    content = json.loads((folder / "manifest.json").read_text())
    if files is None:
        del content["files"]
    else:
        content["files"] = files
    (folder / "manifest.json").write_text(sign(content))
    assert "no entry of a file in the folder" in refused(folder)


@pytest.mark.parametrize("form", [None, [], {}, 1, "x", "x\ny" * 1000, "classification"])
def test_another_format(folder, form):
    content = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(sign({**content, "format": form}))
    assert "not translation; give another data-bin" in refused(folder)


@pytest.mark.parametrize("version", [None, 0, 2, "1", True, 10**400, [1], {"a": "b\n" * 1000}])
def test_another_version(folder, version):
    content = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(sign({**content, "version": version}))
    assert "but this program reads version 1; make the data-bin again" in refused(folder)


@pytest.mark.parametrize("kind", VERSIONS)
def test_every_kind(tmp_path, kind):
    write_manifest(tmp_path, kind, 1)
    assert read_manifest(tmp_path, kind) == read_manifest(tmp_path)
    other = next(other for other in VERSIONS if other != kind)
    assert kind in refused(tmp_path, other)
