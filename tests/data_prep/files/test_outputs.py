"""Outputs are looked at before the work: can they be written, and would something be lost?"""

import os

import pytest

from data_prep.errors import InputError
from data_prep.files.manifests import write_manifest
from data_prep.files.outputs import check_output, check_outputs


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text"
    path.write_text("mine")
    return path


def test_what_can_be_written_passes(tmp_path, text):
    check_output(tmp_path / "new", [text])
    check_output(text, [tmp_path / "other", "absent"])
    check_output("/dev/null", ["/dev/null"])
    check_outputs([text], {"--json": tmp_path / "a", "--plot": tmp_path / "b", "--csv": None})
    check_outputs([], {"--json": "/dev/null", "--plot": "/dev/null"})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (".", "is a folder; give the name of a file"),
        ("new/", "is a folder; give the name of a file"),
        ("no/new", "its folder does not exist; make it first"),
        ("text/new", "its folder does not exist; make it first"),
        ("x" * 253, r"no name of a file \(File name too long\); give another"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path, text, name, message):
    with pytest.raises(InputError, match=f"^--json .*{name}.*: {message}$"):
        check_output(f"{tmp_path}/{name}", flag="--json")


def test_an_empty_name_is_refused():
    with pytest.raises(InputError, match="^--json : is no name of a file; give one$"):
        check_output("", flag="--json")


def test_an_input_is_no_output_by_whatever_name(tmp_path, text):
    (tmp_path / "link").symlink_to("text")
    os.link(text, tmp_path / "hard")
    for name in ("text", "link", "hard"):
        with pytest.raises(InputError, match=f"^{tmp_path}/{name}: is read by this command; give"):
            check_output(tmp_path / name, [text])
    assert text.read_text() == "mine"


def test_two_outputs_are_two_files(tmp_path):
    with pytest.raises(InputError, match="--json and --plot both name .*a; give two files"):
        check_outputs([], {"--json": tmp_path / "a", "--plot": tmp_path / "." / "a"})


def test_permissions_are_looked_at(tmp_path, text, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, _: str(path) == str(text))
    with pytest.raises(InputError, match="new: its folder may not be written to; give a file in"):
        check_output(tmp_path / "new")
    monkeypatch.setattr(os, "access", lambda path, _: str(path) != str(text))
    with pytest.raises(InputError, match="text: may not be written to; give another file"):
        check_output(text)


def test_files_of_a_data_bin_are_kept(tmp_path):
    (tmp_path / "raw").mkdir()
    for name in ("dict.txt", "raw/test.tsv"):
        (tmp_path / name).write_text(name)
    write_manifest(tmp_path, "classification", 1)
    for name in ("dict.txt", "raw/test.tsv", "manifest.json"):
        with pytest.raises(InputError, match=f"{name}: is a file of a data-bin; give another"):
            check_output(tmp_path / name)
    (tmp_path / "results.json").touch()
    check_output(tmp_path / "results.json")
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match="is a file of a data-bin"):
        check_output(tmp_path / "dict.txt")
