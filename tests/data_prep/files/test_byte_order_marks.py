"""Byte order marks: no part of a text at its beginning, a character like any other elsewhere."""

import io
import re
from pathlib import Path

import pytest

from data_prep.classification.attack_log import read_attack_log
from data_prep.classification.datasets.document_folders import DocumentFolders
from data_prep.fairseq_format.dictionaries import load_dictionary
from data_prep.files.bounded_lines import MAX_LINE_BYTES, bounded_lines, read_pieces
from data_prep.files.byte_order_marks import MARK
from data_prep.files.checksums import text_sha256
from data_prep.files.json_values import parse_json
from data_prep.files.lines import read_lines
from data_prep.files.text_samples import sample_lines
from data_prep.files.text_units import stream_lines

MARKS = pytest.mark.parametrize("mark", [b"", MARK], ids=["plain", "marked"])
INSIDE = "\ufeff"  # the same three bytes


@MARKS
@pytest.mark.parametrize("encoding", ["UTF-8", "Latin-1"])
def test_lines(tmp_path, mark, encoding):
    path = tmp_path / "text"
    path.write_bytes(mark + "naïve\ntwo\n".encode(encoding))
    assert [*read_lines(path, encoding=encoding)] == ["naïve\n", "two\n"]


@MARKS
def test_a_mark_inside_a_text_stays(tmp_path, mark):
    (tmp_path / "text").write_bytes(mark + f"one\n{INSIDE}two\n".encode())
    assert [*read_lines(tmp_path / "text")] == ["one\n", f"{INSIDE}two\n"]
    assert [line for line, _ in stream_lines([str(tmp_path / "text")])][:2] == [
        "one", f"{INSIDE}two"
    ]  # fmt: skip
    with pytest.raises(ValueError):
        parse_json(f"{INSIDE}1")
    (tmp_path / "log").write_bytes(mark + f'{{"examples_sha256": ""}}\n{INSIDE}{{}}\n'.encode())
    with pytest.raises(ValueError, match="not a list of attacks"):
        read_attack_log(tmp_path / "log")


@MARKS
@pytest.mark.parametrize("content", [b"", b"\n", b"a", b"a\nb\n", b"\n\n"])
def test_short_streams(mark, content):
    assert b"".join(bounded_lines(read_pieces(io.BytesIO(mark + content)))) == content


@pytest.mark.parametrize("text", ["word " * 40_000, "x" * 200_000, "好" * 70_000])
def test_a_long_first_line_is_cut_at_the_same_places(text):
    content = text.encode() + b"\nmore\n"
    plain, marked = (
        [*bounded_lines(read_pieces(io.BytesIO(mark + content)))] for mark in (b"", MARK)
    )
    assert plain == marked and len(plain) > text.encode().__len__() // MAX_LINE_BYTES


def test_a_sample_is_taken_from_the_same_places(tmp_path):
    lines = "".join(f"line {number}\n" for number in range(5000)).encode()
    samples = []
    for mark in (b"", MARK):
        paths = [tmp_path / f"{len(mark)}-{number}" for number in range(2)]
        for path in paths:
            path.write_bytes(mark + lines)
        samples.append([*sample_lines([*map(str, paths)], 400)])
    assert samples[0] == samples[1]
    assert samples[0][0] == "line 0"


@MARKS
def test_json_and_dictionaries(tmp_path, mark):
    assert parse_json(mark + b'{"a": 1}') == {"a": 1}
    (tmp_path / "dict.txt").write_bytes(mark + b"the 3\nfilm 1\n")
    assert load_dictionary(tmp_path / "dict.txt").symbols[4:] == ["the", "film"]


def test_the_checksum_of_a_text_does_not_depend_on_it(tmp_path):
    for name, mark in (("plain", b""), ("marked", MARK)):
        (tmp_path / name).write_bytes(mark + b"the 3\n")
    assert text_sha256(tmp_path / "plain") == text_sha256(tmp_path / "marked")


@MARKS
def test_documents_of_a_folder(tmp_path, mark):
    for label in ("neg", "pos"):
        (tmp_path / "train" / label).mkdir(parents=True)
        (tmp_path / "train" / label / "1.txt").write_bytes(mark + b"a film\n")
    folders = DocumentFolders(("a.tgz",), "", {"train": "train"}, ("neg", "pos"), "UTF-8")
    table = folders.obtain(tmp_path, tmp_path)["train"]
    assert [*table.rows] == [["neg", "a film"], ["pos", "a film"]]


# Files that this project writes itself and that are checked to the byte, and WordNet's.
OWN_FILES = {
    "data_prep/english/glosses.py",
    "data_prep/english/lexicon.py",
    "data_prep/english/wordnet.py",
    "data_prep/files/command_menu.py",
    "data_prep/files/manifests.py",
    "data_prep/triplets/databin_writer.py",
    "fairseq_cline/console/stored_commands.py",
    "fairseq_cline/evaluation/reports/provenance.py",
}
ROOT = Path(__file__).resolve().parents[3]
# Text that is opened, or bytes that become text, without a look at the mark.
MARK_STAYS = re.compile(
    r"""(open|read_text)\((?![^)]*["'][wa])[^)]*["']utf-?8["']|read_text\(\)|read_bytes\(\)\.decode""",
    re.IGNORECASE,
)


def test_no_reader_of_text_forgets_the_mark():
    files = [*ROOT.glob("data_prep/**/*.py"), *ROOT.glob("fairseq_cline/**/*.py")]
    found = {
        path.relative_to(ROOT).as_posix() for path in files if MARK_STAYS.search(path.read_text())
    }
    assert found <= OWN_FILES, "open text with byte_order_marks.UTF_8, or use lines.read_lines"
