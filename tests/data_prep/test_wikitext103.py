"""WikiText-103's command, with an archive on this machine in place of the published one."""

import zipfile
from pathlib import Path

import pytest
from fairseq.data.indexed_dataset import MMapIndexedDataset

from data_prep import wikitext103
from data_prep.files.checksums import file_sha256
from data_prep.language_modeling import wikitext

ARTICLE = " \n = Title = \n \n The <unk> was good @-@ natured , not bad . \n"


@pytest.fixture
def archive(tmp_path, monkeypatch) -> Path:
    """A small archive that is the published one; a member of it leads out of its folder."""
    path = tmp_path / "published" / "wikitext-103-v1.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as members:
        for split in ("train", "valid", "test"):
            members.writestr(f"wikitext-103/wiki.{split}.tokens", ARTICLE)
        members.writestr("../escaped", "!")
    monkeypatch.setattr(wikitext, "SOURCES", (path.as_uri(),))
    monkeypatch.setattr(wikitext, "SHA256", file_sha256(path))
    return path


def check(databin: Path, output: str) -> None:
    train = MMapIndexedDataset(str(databin / "train"))
    assert [len(item) for item in train] == [1, 4, 1, 11]
    tables = [line.split() for line in output.splitlines()]
    for split, paper in (("train", "~103M"), ("valid", "~218k"), ("test", "~246k")):
        assert [split, "4", "17", "5.88%", paper] in tables
    assert (databin / "antonyms.txt").is_file()


def test_a_download(archive, tmp_path, capsys):
    wikitext103.main(["--destdir", str(tmp_path / "new" / "bin")])
    check(tmp_path / "new" / "bin", capsys.readouterr().out)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["bin"]
    assert not list(tmp_path.rglob("escaped"))


@pytest.mark.parametrize("inside", ["", "wikitext-103"])
def test_a_copy(tmp_path, capsys, inside):
    folder = tmp_path / "raw" / inside
    folder.mkdir(parents=True)
    for split in ("train", "valid", "test"):
        (folder / f"wiki.{split}.tokens").write_text(ARTICLE)
    wikitext103.main(["--destdir", str(tmp_path / "bin"), "--raw-dir", str(tmp_path / "raw")])
    check(tmp_path / "bin", capsys.readouterr().out)


def fail(destdir: Path, capsys) -> str:
    with pytest.raises(SystemExit) as end:
        wikitext103.main(["--destdir", str(destdir)])
    assert end.value.code == 1
    assert not destdir.parent.exists()
    return capsys.readouterr().err.splitlines()[-1]


def test_another_archive_is_refused(archive, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(wikitext, "SHA256", "0" * 64)
    last = fail(tmp_path / "new" / "bin", capsys)
    assert last.startswith("wikitext103: error: wikitext-103.zip cannot be fetched (")
    assert "its SHA-256 differs" in last and "--raw-dir" in last


def test_an_archive_without_the_texts_is_refused(archive, tmp_path, capsys, monkeypatch):
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("wikitext-103/wiki.train.tokens", ARTICLE)
    monkeypatch.setattr(wikitext, "SHA256", file_sha256(archive))
    last = fail(tmp_path / "new" / "bin", capsys)
    assert last.startswith("wikitext103: error: wikitext-103.zip is damaged or incomplete (")
    assert "wiki.valid.tokens" in last
