"""IWSLT'17's command, with small files in the campaign's formats in place of the published ones."""

import io
import sys
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow
import pytest
from fairseq.data.indexed_dataset import MMapIndexedDataset
from pyarrow import parquet

from data_prep import iwslt17
from data_prep.files.checksums import file_sha256
from data_prep.translation import iwslt_pairs
from data_prep.translation.iwslt_pairs import PAIRS, Pair

TEXT = {
    "en": "the small house was very good but old men never go there without a new red car",
    "de": "das kleine Haus war sehr gut aber alte Leute gehen nie ohne neues rotes Auto hin",
}
SETS = ("dev2010", "tst2010", "tst2011", "tst2012", "tst2013", "tst2014", "tst2015")
ARCHIVE_PATH = "2017-01-trnted/texts/en/de/en-de.tgz"


def sentence(language: str, number: int) -> str:
    """A sentence of the language, another for each number."""
    words = TEXT[language].split()
    return " ".join(words[(number * step) % len(words)] for step in range(1, 8))


def talk(language: str, first: int, last: int) -> str:
    """A talk as in train.tags.*; a side has a tag that the other lacks, as published."""
    reviewer = "<reviewer>somebody</reviewer>\n" if language == "de" else ""
    head = f"<url>http://talk/{first}</url>\n<keywords>a, b</keywords>\n<speaker>X</speaker>\n"
    title = f"<talkid>{first}</talkid>\n<title>T in {language}</title>\n"
    lines = "".join(f" {sentence(language, number)} \n" for number in range(first, last))
    return (
        f"{head}{title}<description>D</description>\n{lines}{reviewer}<translator></translator>\n"
    )


def evaluation_set(language: str, texts: list[str]) -> str:
    lines = "\n".join(f'<seg id="{i}"> {text} </seg>' for i, text in enumerate(texts, 1))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<mteval>\n<refset trglang="{language}">\n'
        f'<doc docid="1" genre="lectures">\n<title>not a segment</title>\n{lines}\n</doc>\n'
        "</refset>\n</mteval>\n"
    )


def campaign(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for language in ("en", "de"):
        train = talk(language, 1, 30) + talk(language, 30, 50)
        (folder / f"train.tags.en-de.{language}").write_text(train, encoding="utf-8")
        for k, name in enumerate(SETS):
            texts = [f"{sentence(language, k)} &amp; {name}", "&lt;b&gt; &quot;x&quot;"]
            content = evaluation_set(language, texts)
            path = folder / f"IWSLT17.TED.{name}.en-de.{language}.xml"
            path.write_text(content, encoding="utf-8")
    return folder


def pack(folder: Path, archive: Path, without: str | None = None) -> Path:
    archive.parent.mkdir(parents=True)
    with tarfile.open(archive, "w:gz") as tar:
        for path in sorted(folder.iterdir()):
            if path.name != without:
                tar.add(path, f"en-de/{path.name}")
        escaping = tarfile.TarInfo("../escaped")
        escaping.size = 1
        tar.addfile(escaping, io.BytesIO(b"!"))
    return archive


@pytest.fixture
def raw(tmp_path) -> Path:
    return campaign(tmp_path / "raw" / "en-de")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def server(tmp_path) -> Iterator[str]:
    """Serves the test's folder."""
    handler = partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


@pytest.fixture
def publish(server, monkeypatch):
    """Makes an archive the published one; the first source does not have it, the second another."""

    def publish(archive: Path, sha256: str | None = None) -> None:
        root = archive.parents[len(Path(ARCHIVE_PATH).parts) - 1]
        other = root.parent / "other" / ARCHIVE_PATH
        other.parent.mkdir(parents=True)
        other.write_bytes(b"another file")
        sources = (f"{server}/{name}/" for name in ("missing", "other", root.name))
        monkeypatch.setattr(iwslt_pairs, "SOURCES", tuple(sources))
        pair = Pair(sha256 or file_sha256(archive), 10, True, PAIRS["en-de"].paper)
        monkeypatch.setitem(PAIRS, "en-de", pair)

    return publish


def run(destdir: Path, *options: str, vocabulary: int = 60) -> None:
    iwslt17.main(
        ["--pair", "en-de", "--destdir", str(destdir), "--vocab-size", str(vocabulary), *options]
    )


def fail(capsys, destdir: Path, *options: str) -> str:
    with pytest.raises(SystemExit) as end:
        run(destdir, *options)
    assert end.value.code == 1
    assert not destdir.parent.exists() or list(destdir.parent.iterdir()) == []
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("iwslt17: error: ")
    return last


def check(databin: Path, output: str) -> None:
    sizes = {"train": 49, "valid": 10, "test": 2}
    for split, size in sizes.items():
        for language in ("en", "de"):
            assert len(MMapIndexedDataset(str(databin / f"{split}.en-de.{language}"))) == size
    for language in ("en", "de"):
        test = (databin / "raw" / f"test.{language}").read_text(encoding="utf-8")
        assert test == f'{sentence(language, 6)} & tst2015\n<b> "x"\n'
        valid = (databin / "raw" / f"valid.{language}").read_text(encoding="utf-8").splitlines()
        assert [line.split()[-1] for line in valid[::2]] == list(SETS[1:6])
    assert (databin / "antonyms.en.txt").is_file()
    table = [line.split() for line in output.splitlines()][-3:]
    assert table[0] == ["train", "valid", "test", "vocabulary", "sub-words"]
    assert table[1][:4] == ["here", "49", "10", "2"] and table[1][5] == "(shared)"
    assert " ".join(table[2]) == "Table 5 ~160k ~7k ~6k 10k (shared) 36.63%"


def test_a_download(raw, publish, tmp_path, capsys):
    publish(pack(raw, tmp_path / "site" / ARCHIVE_PATH))
    run(tmp_path / "new" / "bin")
    check(tmp_path / "new" / "bin", capsys.readouterr().out)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["bin"]
    assert not list(tmp_path.rglob("escaped"))


@pytest.mark.parametrize("inside", ["", "en-de"])
def test_a_copy_of_the_campaign(raw, tmp_path, capsys, inside):
    run(tmp_path / "bin", "--raw-dir", str(raw.parent if inside else raw))
    check(tmp_path / "bin", capsys.readouterr().out)


def plain_lines(language: str) -> dict[str, list[str]]:
    return {
        "train": [sentence(language, number) for number in range(1, 50)],
        "valid": [f"{sentence(language, k)} & {SETS[k]}" for k in range(1, 6) for _ in range(2)],
        "test": [f"{sentence(language, 6)} & tst2015", '<b> "x"'],
    }


def test_a_copy_in_plain_files(tmp_path, capsys):
    folder = tmp_path / "raw"
    folder.mkdir()
    for language in ("en", "de"):
        for split, lines in plain_lines(language).items():
            (folder / f"{split}.{language}").write_text("\n".join(lines), encoding="utf-8")
    run(tmp_path / "bin", "--raw-dir", str(folder))
    check(tmp_path / "bin", capsys.readouterr().out)


@pytest.mark.parametrize("names", ["{}-00000-of-00001.parquet", "{}/0000.parquet"])
def test_a_copy_in_parquet(tmp_path, capsys, names):
    sides = {language: plain_lines(language) for language in ("en", "de")}
    for split, name in (("train", "train"), ("valid", "validation"), ("test", "test")):
        pairs = zip(sides["en"][split], sides["de"][split], strict=True)
        rows = [{"en": source, "de": target} for source, target in pairs]
        path = tmp_path / "raw" / names.format(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(pyarrow.table({"translation": rows}), path)
    run(tmp_path / "bin", "--raw-dir", str(tmp_path / "raw"))
    check(tmp_path / "bin", capsys.readouterr().out)


@pytest.mark.parametrize("content", [None, {"text": ["a"]}, {"translation": [{"fr": "a"}]}])
def test_another_parquet_is_refused(tmp_path, capsys, content):
    path = tmp_path / "train.parquet"
    if content is None:
        path.write_bytes(b"no parquet")
    else:
        parquet.write_table(pyarrow.table(content), path)
    last = fail(capsys, tmp_path / "new" / "bin", "--raw-dir", str(tmp_path))
    assert f"{path}: no column 'translation' of en and de text (" in last


def test_parquet_without_pyarrow(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "train.parquet").touch()
    last = fail(capsys, tmp_path / "new" / "bin", "--raw-dir", str(tmp_path))
    assert "pyarrow is not installed (extra [parquet]); run: " in last


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "train.tags.en-de.de",
            talk("de", 1, 30) + talk("de", 30, 49),
            "train.tags.en-de.en has 49 lines of text, but ",
        ),
        (
            "IWSLT17.TED.tst2012.en-de.de.xml",
            evaluation_set("de", ["a"]),
            "IWSLT17.TED.tst2012.en-de.de.xml has 1; give files whose lines",
        ),
        (
            "IWSLT17.TED.tst2012.en-de.en.xml",
            evaluation_set("en", ["a", "b"]).replace(" b </seg>", " b"),
            "IWSLT17.TED.tst2012.en-de.en.xml: line 7 is no whole <seg>; fetch the file again",
        ),
        (
            "IWSLT17.TED.tst2012.en-de.en.xml",
            "not found\n",
            "IWSLT17.TED.tst2012.en-de.en.xml: no <seg> in it; give a set of the campaign",
        ),
        (
            "IWSLT17.TED.tst2012.en-de.en.xml",
            None,
            "IWSLT17.TED.tst2012.en-de.en.xml: no such file; give the whole archive's folder",
        ),
        (
            "train.tags.en-de.en",
            None,
            "neither it nor its sub-folder en-de holds train.tags.en-de.en, train.en or train*.par",
        ),
    ],
)
def test_a_damaged_copy_is_refused(raw, tmp_path, capsys, name, content, message):
    if content is None:
        (raw / name).unlink()
    else:
        (raw / name).write_text(content, encoding="utf-8")
    last = fail(capsys, tmp_path / "new" / "bin", "--raw-dir", str(raw))
    assert message in last and str(raw) in last


def test_another_archive_is_refused(raw, publish, tmp_path, capsys):
    publish(pack(raw, tmp_path / "site" / ARCHIVE_PATH), sha256="0" * 64)
    last = fail(capsys, tmp_path / "new" / "bin")
    assert "en-de.tgz cannot be fetched (" in last and "--raw-dir" in last
    missing, other, site = last.split("; ")[:3]
    assert "404" in missing
    assert f"/other/{ARCHIVE_PATH}: not the published file (its SHA-256 differs)" in other
    assert f"/site/{ARCHIVE_PATH}: not the published file (its SHA-256 differs)" in site


def test_an_archive_without_a_member_is_refused(raw, publish, tmp_path, capsys):
    name = "IWSLT17.TED.tst2015.en-de.de.xml"
    publish(pack(raw, tmp_path / "site" / ARCHIVE_PATH, without=name))
    last = fail(capsys, tmp_path / "new" / "bin")
    assert "en-de.tgz is damaged or incomplete (" in last and name in last


def test_a_truncated_archive_is_refused(raw, publish, tmp_path, capsys):
    archive = pack(raw, tmp_path / "site" / ARCHIVE_PATH)
    archive.write_bytes(archive.read_bytes()[:-300])
    publish(archive)
    assert "en-de.tgz is damaged or incomplete (" in fail(capsys, tmp_path / "new" / "bin")


def test_an_existing_databin_is_refused_before_the_download(raw, capsys, monkeypatch):
    monkeypatch.setattr(iwslt_pairs, "SOURCES", ("unused://",))
    with pytest.raises(SystemExit):
        run(raw)
    assert f"iwslt17: error: {raw}: exists already" in capsys.readouterr().err


def test_the_papers_vocabulary_is_the_default(raw, tmp_path, capsys):
    with pytest.raises(SystemExit):
        iwslt17.main(["--pair", "en-de", "--destdir", str(tmp_path / "bin"), "--raw-dir", str(raw)])
    assert "SentencePiece cannot train 10000 pieces" in capsys.readouterr().err
