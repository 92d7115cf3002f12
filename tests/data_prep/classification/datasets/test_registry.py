"""Published data sets in small: the official formats, with made-up text."""

import csv
import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from data_prep import text_classification
from data_prep.classification.datasets.published import Published
from data_prep.classification.datasets.registry import DATASETS
from data_prep.files.checksums import file_sha256


def table(*rows: tuple[str, ...]) -> bytes:
    return "".join("\t".join(row) + "\n" for row in rows).encode()


def news(*rows: tuple[int, str, str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def objects(*rows: tuple[bool, str, str]) -> bytes:
    keys = ("answer", "question", "passage")
    lines = (json.dumps({"title": "A", **dict(zip(keys, row, strict=True))}) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


REUTERS = {
    "train.txt": table(
        ("earn", "shr cts vs "), ("money-fx", "dollar falls \r"), ("earn", "profit rises")
    ),
    "test.txt": table(("earn", "net loss")),
}
GROUPS = DATASETS["20ng"].obtain.__self__.labels
FILES = {  # data set -> path -> content
    "mr": {
        "text_train.txt": b"a \x91fine\x92 film \r\nna\xefve \x96 and dull\nno heart\n",
        "label_train.txt": b"1\r\n0\r\n0\n",
        "text_test.txt": b"fine\n",
        "label_test.txt": b"1\n",
    },
    "trec": {
        "train_5500.label": b"NUM:dist How far is it ?\nLOC:other A sister\xf0city ?\n"
        b"NUM:count How many ?\n",
        "TREC_10.label": b"NUM:date  When was  it ?\n",
    },
    "r8": REUTERS,
    "r52": REUTERS,
    "20ng": {
        f"20news-bydate-{split}/{group}/{number}": b"From: me\nSubject: caf\xe9\n\n> quoted\n"
        for split, number in (("train", 9), ("train", 10), ("test", 1))
        for group in GROUPS
    },
    "ag": {
        "train.csv": news(
            (3, 'Stocks "fall"', "Wall St.\\Bears are back, again"),
            (4, "Chip", ""),
            (4, "Arm", "Of steel"),
        ),
        "test.csv": news((4, "Moon", "A new\nrocket")),
    },
    "imdb": {
        "aclImdb/train/neg/0_2.txt": "Awful.<br /><br />Naïve".encode(),
        "aclImdb/train/neg/1_1.txt": b"Dull",
        "aclImdb/train/pos/0_9.txt": b"Fine\n",
        "aclImdb/train/unsup/0_0.txt": b"no label",
        "aclImdb/train/urls_pos.txt": b"no review",
        "aclImdb/test/neg/0_2.txt": b"Bad",
        "aclImdb/test/pos/0_8.txt": b"Good",
    },
    "boolq": {
        "train.jsonl": objects(
            (True, "is it", "It is \n so."),
            (False, "was it", "It never was."),
            (True, "can it", "It can."),
        ),
        "dev.jsonl": objects((False, "will it", "No.")),
    },
    "perspectrum": {
        "train.tsv": table(("1", "0", "0", "Ban it", "It harms"), ("0", "0", "0", "Ban it", "No!")),
        "dev.tsv": table(("1", "0", "0", "Keep it", '"It ""helps"""')),
        "test.tsv": table(("0", "0", "0", "Tax it", "That is unfair ")),
    },
}
GROUP_LINES = [f"{group}\tFrom: me Subject: café > quoted" for group in GROUPS]
EXPECTED = {  # data set -> split -> lines; train: all that is not drawn for valid, in their order
    "mr": {
        "train": ["pos\ta ‘fine’ film", "neg\tnaïve – and dull", "neg\tno heart"],
        "test": ["pos\tfine"],
    },
    "trec": {
        "train": ["NUM\tHow far is it ?", "LOC\tA sisterðcity ?", "NUM\tHow many ?"],
        "test": ["NUM\tWhen was it ?"],
    },
    "r8": {
        "train": ["earn\tshr cts vs", "money-fx\tdollar falls", "earn\tprofit rises"],
        "test": ["earn\tnet loss"],
    },
    "20ng": {"train": sorted(2 * GROUP_LINES), "test": GROUP_LINES},
    "ag": {
        "train": [
            'Business\tStocks "fall" Wall St. Bears are back, again',
            "Sci/Tech\tChip",
            "Sci/Tech\tArm Of steel",
        ],
        "test": ["Sci/Tech\tMoon A new rocket"],
    },
    "imdb": {
        "train": ["neg\tAwful. Naïve", "neg\tDull", "pos\tFine"],
        "test": ["neg\tBad", "pos\tGood"],
    },
    "boolq": {
        "train": [
            "True\tis it\tIt is so.",
            "False\twas it\tIt never was.",
            "True\tcan it\tIt can.",
        ],
        "test": ["False\twill it\tNo."],
    },
    "perspectrum": {
        "train": ["pos\tBan it\tIt harms", "neg\tBan it\tNo!"],
        "valid": ['pos\tKeep it\t"It ""helps"""'],
        "test": ["neg\tTax it\tThat is unfair"],
    },
}
EXPECTED["r52"] = EXPECTED["r8"]
ARCHIVED = ("20ng", "imdb")
DOWNLOADED = ("trec", "ag", "boolq")


def write_files(folder: Path, name: str) -> Path:
    for path, content in FILES[name].items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@pytest.fixture
def build(tmp_path):
    def call(name: str, *options: object) -> Path:
        databin = tmp_path / "new" / name
        line = ["--dataset", name, "--destdir", databin, "--words", *options]
        text_classification.main([*map(str, line)])
        return databin

    return call


def raw_lines(databin: Path, split: str) -> list[str]:
    return (databin / "raw" / f"{split}.tsv").read_text(encoding="utf-8").splitlines()


def check(databin: Path, name: str) -> None:
    found = {path.stem: raw_lines(databin, path.stem) for path in (databin / "raw").iterdir()}
    if "valid" not in EXPECTED[name]:  # one of them was drawn
        order = EXPECTED[name]["train"]
        assert found["train"] == sorted(found["train"], key=order.index)
        found["train"] = sorted(found["train"] + found.pop("valid"), key=order.index)
    assert found == EXPECTED[name]


def test_every_data_set_is_tried():
    assert {*FILES, "snli"} == {*EXPECTED, "snli"} == set(DATASETS)


@pytest.mark.parametrize("name", FILES)
def test_a_copy(build, tmp_path, capsys, name):
    check(build(name, "--raw-dir", write_files(tmp_path / "raw", name)), name)
    output = capsys.readouterr().out
    assert ("valid: drawn" in output) == ("valid" not in EXPECTED[name])
    examples = DATASETS[name].examples
    assert ("published: train" in output) == bool(examples)
    assert not examples or f"train {examples['train']:,}, test {examples['test']:,}" in output


@pytest.mark.parametrize("name", ["mr", "trec", "r8", "ag", "perspectrum"])
def test_a_copy_in_its_usual_folder(build, tmp_path, name):
    folder = DATASETS[name].obtain.__self__.folder
    write_files(tmp_path / "raw" / folder, name)
    check(build(name, "--raw-dir", tmp_path / "raw"), name)


def served(monkeypatch, name: str, **changes: object) -> None:
    """Give the data set other addresses and checksums."""
    data = replace(DATASETS[name].obtain.__self__, **changes)
    monkeypatch.setitem(DATASETS, name, Published(data.obtain, DATASETS[name].examples))


@pytest.mark.parametrize("name", DOWNLOADED)
def test_a_download_of_files(build, tmp_path, monkeypatch, name):
    folder = write_files(tmp_path / "source", name)
    sha256 = {path.name: file_sha256(path) for path in folder.iterdir()}
    served(monkeypatch, name, home=folder.as_uri() + "/", sha256=sha256)
    check(build(name), name)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]


@pytest.fixture
def archive(tmp_path, monkeypatch):
    def call(name: str, files: dict[str, bytes]) -> Path:
        path = tmp_path / "set.tar.gz"
        with tarfile.open(path, "w:gz") as out:
            for member, content in files.items():
                info = tarfile.TarInfo(member)
                info.size = len(content)
                out.addfile(info, io.BytesIO(content))
        served(monkeypatch, name, sources=(path.as_uri(),), sha256=file_sha256(path))
        return path

    return call


@pytest.mark.parametrize("name", ARCHIVED)
def test_a_download_of_an_archive(build, tmp_path, archive, name):
    hostile = {"../../escaped": b"!", "/escaped": b"!"}
    backwards = dict(reversed(FILES[name].items()))  # the order does not come from the archive
    archive(name, hostile | backwards)
    check(build(name), name)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]
    assert not [*tmp_path.rglob("escaped")]


@pytest.mark.parametrize("name", [*DOWNLOADED, *ARCHIVED])
def test_another_content_is_refused(build, tmp_path, monkeypatch, capsys, name):
    folder = write_files(tmp_path / "source", name)
    if name in ARCHIVED:
        source = tmp_path / "set.tar.gz"
        source.write_bytes(b"something else")
        served(monkeypatch, name, sources=(source.as_uri(),))
    else:
        served(monkeypatch, name, home=folder.as_uri() + "/")
    with pytest.raises(SystemExit):
        build(name)
    last = capsys.readouterr().err.splitlines()[-1]
    assert "its SHA-256 differs" in last and "--raw-dir" in last
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", [name for name in FILES if name not in (*DOWNLOADED, *ARCHIVED)])
def test_without_a_published_checksum_nothing_is_downloaded(build, tmp_path, capsys, name):
    with pytest.raises(SystemExit) as end:
        build(name)
    assert end.value.code == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "no SHA-256 of this data set is published" in error
    assert next(iter(FILES[name])) in error and "https://github.com/" in error
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("name", "file", "content", "message"),
    [
        ("mr", "label_train.txt", b"1\n2\n", "label_train.txt, line 2: '2' is not 0 or 1"),
        ("mr", "label_train.txt", b"1\n", "label_train.txt, line 2: '' is not 0 or 1"),
        ("mr", "label_train.txt", b"1\n0\n0\n1\n", "text_train.txt: ends after 3 lines"),
        ("mr", "text_train.txt", b"\x81\n", "text_train.txt: not Windows-1252 text"),
        ("mr", "label_test.txt", None, "holds text_test.txt, label_test.txt"),
        (
            "trec",
            "train_5500.label",
            b"FOO:x Why ?\n",
            "train_5500.label, line 1: not a class of TREC-6 and a",
        ),
        ("r8", "train.txt", b"earn\nacq\ttext\n", "train.txt: 1 of 2 rows lack a label or a text"),
        ("20ng", "20news-bydate-test/sci.med/1", b" \n", "1 of 20 rows lack a label"),
        ("ag", "train.csv", b'"5","a","b"\n', "train.csv, line 1: not a class from 1 to 4"),
        ("ag", "train.csv", b'"1","a"\n', "train.csv, line 1: not a class from 1 to 4"),
        ("ag", "train.csv", b'"1","' + b"a" * 200_000, "train.csv, line 1: not a class from 1 to"),
        ("imdb", "aclImdb/test/pos/0_8.txt", b"\xff", "aclImdb/test/pos/0_8.txt: not UTF-8 text"),
        ("boolq", "train.jsonl", b'{"answer": "yes"}\n', "train.jsonl, line 1: not an object wi"),
        ("boolq", "dev.jsonl", b"[]\n", "dev.jsonl, line 1: not an object with answer, question"),
        ("perspectrum", "dev.tsv", b"unk\t0\t0\ta\tb\n", "dev.tsv: 'unk' is not the stance 0 or 1"),
    ],
)
def test_bad_input_ends_with_one_line_and_leaves_nothing(
    build, tmp_path, capsys, name, file, content, message
):
    folder = write_files(tmp_path / "raw", name)
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    with pytest.raises(SystemExit) as end:
        build(name, "--raw-dir", folder)
    assert end.value.code == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("text_classification: error: ") and message in last
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ARCHIVED)
def test_a_missing_folder_is_named(build, tmp_path, capsys, name):
    (tmp_path / "raw").mkdir()
    with pytest.raises(SystemExit):
        build(name, "--raw-dir", tmp_path / "raw")
    last = capsys.readouterr().err.splitlines()[-1]
    assert "no folder " in last and ".tar.gz was unpacked" in last


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "no text; give --train, or --dataset"),
        (["--train", "a.tsv", "--raw-dir", "raw"], "--raw-dir is the folder of a published data"),
        (["--dataset", "mr", "--test", "a.tsv"], "--dataset has its own splits"),
        (["--dataset", "mr", "--regression"], "--dataset has its own splits"),
    ],
)
def test_text_is_given_or_published(tmp_path, capsys, options, message):
    with pytest.raises(SystemExit) as end:
        text_classification.main([*options, "--words", "--destdir", str(tmp_path / "bin")])
    assert end.value.code == 1
    assert message in capsys.readouterr().err
