"""SNLI in both of its formats, with made-up sentences."""

import json
import zipfile
from pathlib import Path

import pytest

from data_prep import text_classification
from data_prep.classification.datasets import snli
from data_prep.files.checksums import file_sha256

HEADER = "gold_label sentence1_binary_parse sentence2_binary_parse sentence1_parse sentence2_parse"
HEADER += " sentence1 sentence2 captionID pairID label1 label2 label3 label4 label5"
PAIRS = [
    ("neutral", 'A person on a "horse".', "A person is training his horse."),
    ("-", "Nobody agrees.", "On this."),
    ("contradiction", "A boy is jumping.", "The boy skates."),
    ("entailment", "Two women embrace.", "There are women."),
]
LINES = ["\t".join(pair) for pair in PAIRS if pair[0] != "-"]


def write(folder: Path, ending: str) -> Path:
    folder.mkdir(parents=True)
    for name in snli.file_names(ending):
        lines = ["\t".join(HEADER.split())]
        for label, first, second in PAIRS:
            lines.append(f"{label}\t( A\t( B\t(R\t(R\t{first}\t{second}\t1.jpg\t1n")
        if ending == "jsonl":
            keys = ("gold_label", "sentence1", "sentence2")
            lines = [json.dumps(dict(zip(keys, pair, strict=True))) for pair in PAIRS]
        (folder / name).write_text("\n".join(lines) + "\n")
    return folder


def build(tokenizer, destdir: Path, *options: object) -> None:
    line = ["--dataset", "snli", "--destdir", destdir, *tokenizer.options, *options]
    text_classification.main([*map(str, line)])


def check(databin: Path) -> None:
    for split in ("train", "valid", "test"):
        assert (databin / "raw" / f"{split}.tsv").read_text().splitlines() == LINES


@pytest.mark.parametrize("ending", ["txt", "jsonl"])
@pytest.mark.parametrize("inside", [True, False])
def test_a_copy(sentencepiece_tokenizer, tmp_path, capsys, ending, inside):
    folder = write(tmp_path / "snli_1.0", ending)
    build(sentencepiece_tokenizer, tmp_path / "bin", "--raw-dir", tmp_path if inside else folder)
    check(tmp_path / "bin")
    output = capsys.readouterr().out
    assert "contradiction 1/1/1, entailment 1/1/1, neutral 1/1/1" in output
    assert "published: train 549,367, valid 9,842, test 9,824" in output


def test_a_download(sentencepiece_tokenizer, tmp_path, monkeypatch):
    archive = tmp_path / "snli_1.0.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for path in write(tmp_path / "source", "txt").iterdir():
            out.write(path, f"snli_1.0/{path.name}")
    monkeypatch.setattr(snli, "SOURCES", (archive.as_uri(),))
    monkeypatch.setattr(snli, "SHA256", file_sha256(archive))
    build(sentencepiece_tokenizer, tmp_path / "new" / "bin")
    check(tmp_path / "new" / "bin")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["bin"]


@pytest.mark.parametrize(
    ("ending", "first_line", "message"),
    [
        ("jsonl", '{"gold_label": "neutral"}', "train.jsonl, line 1: not an object with gold_la"),
        ("jsonl", "neutral", "train.jsonl, line 1: not an object with gold_la"),
        ("jsonl", "[]", "train.jsonl, line 1: not an object with gold_la"),
        ("txt", "gold_label", "train.txt: no column sentence1, sentence2 in its first line"),
        ("txt", None, "holds snli_1.0_train.txt"),
    ],
)
def test_bad_input_ends_with_one_line_and_leaves_nothing(
    sentencepiece_tokenizer, tmp_path, capsys, ending, first_line, message
):
    folder = write(tmp_path / "raw", ending)
    path = folder / f"snli_1.0_train.{ending}"
    if first_line is None:
        path.unlink()
    else:
        path.write_text(first_line + "\n")
    with pytest.raises(SystemExit) as end:
        build(sentencepiece_tokenizer, tmp_path / "new" / "bin", "--raw-dir", folder)
    assert end.value.code == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("text_classification: error: ") and message in last
    assert not (tmp_path / "new").exists()
