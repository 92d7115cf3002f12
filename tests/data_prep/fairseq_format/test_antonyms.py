"""Antonyms of a dictionary's words: which they are, and the file that training reads."""

from pathlib import Path

import pytest
from fairseq.data import Dictionary

from data_prep.errors import InputError
from data_prep.fairseq_format.antonyms import (
    antonyms_of,
    dictionary_antonyms,
    write_antonyms,
)
from data_prep.files.checksums import file_sha256
from data_prep.files.manifests import read_manifest, write_manifest


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("good", ["bad", "evil"]),
        ("hot", ["cold"]),
        ("increase", ["decrease"]),
        ("increased", ["decreased"]),
        ("increasing", ["decreasing"]),
        ("quickly", ["slowly"]),
        ("Women", ["Men"]),
        ("HOT", ["COLD"]),
        ("damp", ["dry"]),  # a satellite of "wet"
    ],
)
def test_an_antonym_keeps_inflection_and_case(word, expected):
    found = antonyms_of(word)
    assert found and set(found) <= set(expected)


@pytest.mark.parametrize("word", ["hOt", "h", "42", "@-@", "is", "not", "table", "xyzzy", ""])
def test_other_symbols_have_none(word):
    assert antonyms_of(word) == []


@pytest.mark.parametrize("word", ["said", "world", "in", "out", "such", "together"])
def test_rare_readings_do_not_count(word):
    """Else "said", as an adjective, would be the opposite of "other"."""
    assert antonyms_of(word) == []


@pytest.mark.parametrize(("one", "other"), [("wife", "husband"), ("man", "woman"), ("buy", "sell")])
def test_pairs_go_both_ways(one, other):
    assert antonyms_of(one) == [other] and antonyms_of(other) == [one]


def dictionary_of(*symbols: str) -> Dictionary:
    dictionary = Dictionary()
    for symbol in symbols:
        dictionary.add_symbol(symbol)
    return dictionary


def opposites(dictionary: Dictionary) -> dict[str, list[str]]:
    return {
        dictionary[symbol]: [dictionary[other] for other in others]
        for symbol, others in dictionary_antonyms(dictionary).items()
    }


def test_antonyms_are_in_the_dictionary():
    found = opposites(dictionary_of("hot", "cold", "Cold", "increase", "table"))
    assert found == {"hot": ["cold"], "cold": ["hot"]}


def test_sentencepiece_words_begin_with_their_mark():
    found = opposites(dictionary_of("▁hot", "hot", "cold", "▁cold", "▁good", "bad", "▁", "ing"))
    assert found == {"▁hot": ["▁cold"], "▁cold": ["▁hot"]}


def test_the_mark_may_occur_in_ordinary_text():
    found = opposites(dictionary_of("hot", "cold", "▁", *(f"word{i}" for i in range(10))))
    assert found == {"hot": ["cold"], "cold": ["hot"]}


def test_joined_pieces_are_no_words():
    found = opposites(dictionary_of("hot", "cold", "good@@", "bad@@", "bad"))
    assert found == {"hot": ["cold"], "cold": ["hot"]}


@pytest.fixture
def dictionary_file(tmp_path, glosses) -> Path:
    """The words of real text."""
    words = {word for lines in glosses[::10] for line in lines for word in line.split()}
    path = tmp_path / "dict.txt"
    dictionary_of(*sorted(words), "hot", "cold").save(str(path))
    return path


def test_the_file_is_what_training_expects(dictionary_file):
    report = write_antonyms(dictionary_file)
    dictionary = Dictionary.load(str(dictionary_file))
    header, *lines = dictionary_file.with_name("antonyms.txt").read_text().splitlines()
    assert header == f"# dict.txt sha256 {file_sha256(dictionary_file)}"
    table = {}
    for line in lines:
        symbol, others = line.split("\t")
        table[int(symbol)] = [int(other) for other in others.split(" ")]
    assert len(table) > 50
    assert list(table) == sorted(table) and min(table) >= dictionary.nspecial
    for symbol, others in table.items():
        assert others == sorted(set(others)) and symbol not in others
        assert max(others) < len(dictionary)
        for other in others:
            assert dictionary[other].isupper() == dictionary[symbol].isupper()
    assert dictionary.index("cold") in table[dictionary.index("hot")]
    assert report.startswith(f"{len(table)} of {len(dictionary):,} symbols have antonyms: ")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("dict.txt", None, ": no such file; give the dict.txt of a data-bin"),
        ("dict.txt", b"a word without a count\n", ", line 1: not that of a fairseq dictionary"),
        ("words.txt", b"hot 1\n", ": not named dict.txt or dict.LANGUAGE.txt"),
    ],
)
def test_bad_input_is_named_and_leaves_nothing(tmp_path, name, content, message):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=f"{path}{message}"):
        write_antonyms(path)
    assert {file.name for file in tmp_path.iterdir()} <= {name}


def test_the_manifest_of_a_databin_learns_of_the_file(dictionary_file):
    folder = dictionary_file.parent
    write_manifest(folder, "language-modeling", 1, ["dict.txt"])
    write_antonyms(dictionary_file)
    written = read_manifest(folder).files["antonyms.txt"].sha256
    assert written == file_sha256(folder / "antonyms.txt")


def test_a_dictionary_that_the_manifest_does_not_know(dictionary_file):
    folder = dictionary_file.parent
    write_manifest(folder, "language-modeling", 1, ["dict.txt"])
    dictionary_file.write_text(dictionary_file.read_text() + "unheard-of 1\n")
    with pytest.raises(InputError, match="dict.txt: not the dictionary that manifest.json has"):
        write_antonyms(dictionary_file)
    assert not (folder / "antonyms.txt").exists()
