"""The file of antonyms: what is read, and what is refused in one line."""

import numpy as np
import pytest
from fairseq.data import Dictionary

from data_prep.errors import InputError
from data_prep.files.byte_order_marks import MARK


@pytest.fixture
def dictionary():
    dictionary = Dictionary()
    for word in [
        "old",
        "young",
        "hot",
        "cold",
        "tree",
        "lake",
        "river",
        "big",
        "small",
        "7",
        "a",
        "field",
    ]:
        dictionary.add_symbol(word)
    return dictionary


def test_it_may_begin_with_a_byte_order_mark(dictionary, write, read):
    path = write(f"{dictionary.index('old')}\t{dictionary.index('young')}")
    path.write_bytes(MARK + path.read_bytes())
    assert read().draw(dictionary.index("old"), np.random.default_rng(1)) == dictionary.index(
        "young"
    )


def assert_one_line(error, tmp_path, *parts):
    message = str(error.value)
    assert "\n" not in message
    for part in (
        f"{tmp_path}/antonyms.txt",
        f"python -m data_prep.antonyms {tmp_path}/dict.txt",
        *parts,
    ):
        assert part in message


@pytest.mark.parametrize(
    ("lines", "part"),
    [
        (["4\tx"], "not an antonym file"),
        (["4 5"], "not an antonym file"),
        (["4\t5\t6"], "not an antonym file"),
        (["4\t5", ""], "not an antonym file"),
        (["4.0\t5"], "not an antonym file"),
        (["4\t1000"], "symbol 1000 is not in the dictionary"),
        (["1000\t4"], "symbol 1000 is not in the dictionary"),
        (["4\t99999999999999999999"], "is not in the dictionary"),
    ],
)
def test_a_bad_line(write, read, tmp_path, lines, part):
    write(*lines)
    with pytest.raises(InputError) as error:
        read()
    assert_one_line(error, tmp_path, part)


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        (["4\t5", "6\t"], ""),  # cut short in the last line: no antonym is left to draw
        (["4\t15"], ""),  # cut short in a number
        (["4\t1"], "\n"),  # padding in place of a word
        (["0\t4"], "\n"),
    ],
)
def test_a_bad_line_that_looks_good(write, read, tmp_path, lines, end):
    write(*lines, end=end)
    with pytest.raises(InputError) as error:
        read()
    assert_one_line(error, tmp_path)


def test_a_negative_symbol_is_named(write, read, tmp_path):
    write("4\t-7")
    with pytest.raises(InputError) as error:
        read()
    assert_one_line(error, tmp_path, "symbol -7 is not in the dictionary")


def test_another_dictionary(write, read, tmp_path):
    write("4\t5")
    with (tmp_path / "dict.txt").open("a") as file:
        file.write("new 1\n")
    with pytest.raises(InputError) as error:
        read()
    assert_one_line(error, tmp_path, "was made for another dictionary")


@pytest.mark.parametrize("damage", ["missing", "empty", "binary", "folder", "no header"])
def test_no_antonym_file(write, read, tmp_path, damage):
    path = write("4\t5")
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "binary":
        path.write_bytes(b"\xff\xfe\x00" * 50)
    elif damage == "no header":
        path.write_text("4\t5\n")
    else:
        path.unlink()
        if damage == "folder":
            path.mkdir()
    with pytest.raises(InputError) as error:
        read()
    assert_one_line(error, tmp_path)
