"""Lines of text files: where they end, and errors that name the file and the line."""

import pytest

from data_prep.errors import InputError
from data_prep.files.lines import read_lines, text_lines

ENDS = b"one\rtwo\r\nthree\xe2\x80\xa8 four\nfive"


def test_what_ends_a_line(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(ENDS)
    assert [*read_lines(path)] == ["one\n", "two\n", "three\u2028 four\n", "five"]
    assert [*read_lines(path, newline="\n")] == ["one\rtwo\r\n", "three\u2028 four\n", "five"]


def test_lines_of_words_have_single_spaces_and_no_ends(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(ENDS + b"\n\n  a \t b  \n")
    assert [*text_lines(str(path))] == ["one two", "three four", "five", "", "a b"]


def test_another_encoding(tmp_path):
    path = tmp_path / "text"
    path.write_bytes("naïve\n".encode("latin-1"))
    assert [*read_lines(path, encoding="Latin-1")] == ["naïve\n"]
    with pytest.raises(InputError, match=f"{path}: not UTF-8 text after line 0 .*; convert it"):
        next(text_lines(path))


def test_the_bar_reaches_the_end(tmp_path, capsys):
    path = tmp_path / "text"
    path.write_text("a line\n" * 1000)
    assert len([*text_lines(path, "reading")]) == 1000
    assert "reading: 100%" in capsys.readouterr().err


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    for path, reason in (
        (tmp_path / "absent", "No such file or directory"),
        (tmp_path, "a folder"),
    ):
        with pytest.raises(InputError, match=f"{path}: cannot be read .{reason}.; "):
            next(read_lines(path))
