"""The Penn Treebank's command, with files on this machine in place of the published ones."""

from pathlib import Path

import pytest
from fairseq.data import Dictionary

from data_prep import ptb
from data_prep.files.checksums import file_sha256
from data_prep.language_modeling import penn_treebank

NAMES = ["ptb.train.txt", "ptb.valid.txt", "ptb.test.txt"]


@pytest.fixture
def raw(tmp_path) -> Path:
    folder = tmp_path / "simple-examples" / "data"
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_text(f" <unk> said the year was good in {name} \n bad N \n")
    return folder


@pytest.fixture
def published(raw, monkeypatch) -> Path:
    """These files are the published ones."""
    monkeypatch.setattr(penn_treebank, "SOURCES", (raw.as_uri() + "/",))
    monkeypatch.setattr(penn_treebank, "SHA256", {name: file_sha256(raw / name) for name in NAMES})
    return raw


def check(databin: Path, output: str) -> None:
    dictionary = Dictionary.load(str(databin / "dict.txt"))
    assert "<unk>" not in dictionary.symbols[4:] and "ptb.train.txt" in dictionary
    tables = [line.split() for line in output.splitlines()]
    assert ["train", "2", "12", "8.33%", "929k"] in tables
    assert ["valid", "2", "12", "16.67%", "73k"] in tables  # its own name is unknown, too
    assert ["test", "2", "12", "16.67%", "82k"] in tables


def test_a_download(published, tmp_path, capsys):
    ptb.main(["--destdir", str(tmp_path / "new" / "bin")])
    check(tmp_path / "new" / "bin", capsys.readouterr().out)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["bin"]


@pytest.mark.parametrize("inside", ["", "simple-examples/data"])
def test_a_copy(raw, tmp_path, capsys, inside):
    folder = tmp_path if inside else raw
    ptb.main(["--destdir", str(tmp_path / "bin"), "--raw-dir", str(folder)])
    check(tmp_path / "bin", capsys.readouterr().out)


def test_another_content_is_refused(published, tmp_path, capsys):
    (published / "ptb.valid.txt").write_text("changed\n")
    with pytest.raises(SystemExit) as end:
        ptb.main(["--destdir", str(tmp_path / "new" / "bin")])
    assert end.value.code == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("ptb: error: ptb.valid.txt cannot be fetched (")
    assert "its SHA-256 differs" in last and "--raw-dir" in last
    assert not (tmp_path / "new").exists()


def test_an_existing_databin_is_refused_before_the_download(raw, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(penn_treebank, "SOURCES", ("unused://",))
    with pytest.raises(SystemExit):
        ptb.main(["--destdir", str(raw)])
    assert f"ptb: error: {raw}: exists already" in capsys.readouterr().err


def test_an_incomplete_copy_is_refused(raw, tmp_path, capsys):
    (raw / "ptb.test.txt").unlink()
    with pytest.raises(SystemExit):
        ptb.main(["--destdir", str(tmp_path / "bin"), "--raw-dir", str(raw)])
    assert "holds ptb.train.txt, ptb.valid.txt, ptb.test.txt" in capsys.readouterr().err
    assert not (tmp_path / "bin").exists()
