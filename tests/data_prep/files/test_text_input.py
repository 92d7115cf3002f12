"""Text a line, from a file or from standard input: every line counts."""

import io
import sys

import pytest

from data_prep.errors import InputError
from data_prep.files.text_input import input_lines, input_rows


@pytest.fixture(params=["file", "standard input"])
def give(request, tmp_path, monkeypatch):
    """Gives bytes to a reader, in both ways: the path, and the name that messages have."""

    def write(content: bytes):
        if request.param == "standard input":
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
            return None, "standard input"
        path = tmp_path / "text.txt"
        path.write_bytes(content)
        return path, "text.txt"

    return write


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines(give, mark):
    path, _ = give(mark + "a  b\tc\r\nnaïve\u2028line\rs\nlast".encode())
    assert input_lines(path) == ["a b c", "naïve line s", "last"]


def test_rows(give):
    path, _ = give(b"a  b\tc\r\nd\te f\n")
    assert input_rows(path, 2) == [["a b", "c"], ["d", "e f"]]


@pytest.mark.parametrize(
    ("content", "columns", "message"),
    [
        (b"", None, ": no text in it; give a text a line"),
        (b"a\n \nb\n", None, ", line 2: empty; take it out, or fill it in"),
        (b"a\n\xff\n", None, ": not UTF-8 text after line"),
        (b"", 2, ": no text in it; give 2 a line, with tabs between them"),
        (b"a\tb\na\n", 2, r", line 2: 1 text\(s\), but the model reads 2 an example"),
        (b"a\nb\tc\n", 1, r", line 2: 2 text\(s\), but the model reads 1 an example"),
        (b"a\tb\na\t \n", 2, ", line 2: an empty text, but the model reads 2 an example"),
    ],
)
def test_what_is_no_such_text(give, content, columns, message):
    path, name = give(content)
    with pytest.raises(InputError, match=name + message):
        input_lines(path) if columns is None else input_rows(path, columns)
