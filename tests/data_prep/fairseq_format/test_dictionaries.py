"""Dictionaries of fairseq: read as fairseq reads them, and refused in one line."""

import re

import pytest
from fairseq.data import Dictionary

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import (
    class_names,
    load_dictionary,
    save_dictionary,
)


def test_classes_are_named_without_what_fairseq_adds(tmp_path):
    # As fairseq-preprocess and `sentence_prediction` make it: padded, and <mask> appended.
    written = Dictionary()
    for name in ("bad", "good", "good", "madeupword"):
        written.add_symbol(name)
    written.finalize(padding_factor=8)
    written.save(str(tmp_path / "dict.txt"))
    loaded = load_dictionary(tmp_path / "dict.txt")
    loaded.add_symbol("<mask>")
    assert "madeupword0000" in loaded.indices
    assert class_names(loaded) == ["good", "bad", "madeupword"]


def test_a_class_without_an_example_and_one_named_like_padding_count():
    labels = Dictionary()
    labels.add_symbol("drawn for validation", 0)
    labels.add_symbol("madeupword0007", 3)
    assert class_names(labels) == ["drawn for validation", "madeupword0007"]


@pytest.mark.parametrize(
    "text",
    [
        "a 1\nb 0\n",
        "two words 3\n\u2581 2\n\u00a0x 1\n",
        "a 1  \n",
        "a 1\r\nb 2\r\n",
        "a 1\n<s> 7 #fairseq:overwrite\na 3 #fairseq:overwrite\n",
        f"a {10**18 - 1}\n",
    ],
)
def test_it_is_read_as_fairseq_reads_it(tmp_path, text):
    path = tmp_path / "dict.txt"
    path.write_text(text, newline="")
    loaded, stock = load_dictionary(path), Dictionary.load(str(path))
    assert loaded == stock and loaded.symbols == stock.symbols and loaded.count == stock.count
    # And written so that it can be read again, also with a symbol that comes twice.
    save_dictionary(loaded, tmp_path / "again.txt")
    again = load_dictionary(tmp_path / "again.txt")
    assert again == loaded and again.symbols == loaded.symbols and again.count == loaded.count


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ": no symbol in it"),
        (b"a 1\nb\n", ", line 2: not that of a fairseq dictionary, .*no count"),
        (b"a 1\n\nb 1\n", ", line 2: .*no count"),
        (b"a 1\nb 2x\n", ", line 2: .*no count"),
        (b"a 1\nb -2\n", ", line 2: .*no count"),
        (b"a 1\n 2\n", ", line 2: .*no count"),
        (b"a " + b"9" * 400 + b"\n", ", line 1: .*no count"),
        (b"a " + b"9" * 5000 + b"\n", ", line 1: .*no count"),
        ("a \u0661\n".encode(), ", line 1: .*no count"),
        (b"a 1\nb 1\na 2\n", ", line 3: .*the symbol is there already"),
        (b"</s> 1\n", ", line 1: .*fairseq adds </s> itself: remove the line"),
        (b"a 1\n<pad> 2\n", ", line 2: .*fairseq adds <pad> itself: remove the line"),
        (b"a 1\nb 12", ", line 2: .*its end is cut off"),
        (b"\xff 1\n", ": not UTF-8 text"),
        (b"a 1\n" * 2 + b"\x80" * 70_000, ", line 2: .*already|: not UTF-8"),
        (b"PK\x03\x04" + bytes(range(256)), ": not UTF-8 text"),
    ],
)
def test_what_is_no_dictionary(tmp_path, content, message):
    path = tmp_path / "dict.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{re.escape(str(path))}({message})") as error:
        load_dictionary(path)
    assert "\n" not in str(error.value) and len(str(error.value)) < 400


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_no_file(tmp_path, kind):
    if kind == "folder":
        (tmp_path / "dict.txt").mkdir()
    with pytest.raises(InputError, match="dict.txt: no such file; give it"):
        load_dictionary(tmp_path / "dict.txt", "give it")
