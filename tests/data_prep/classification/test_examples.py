"""Files of labeled text: what is read back, and that bad lines are named."""

import pytest

from data_prep.classification.examples import Example, read_examples, write_examples
from data_prep.errors import InputError


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "train.tsv"
    pairs = [Example("a", ("one two", "three")), Example("b c", ("four", "it’s\u2028five"))]
    write_examples(path, pairs)
    assert path.read_text(encoding="utf-8").startswith("a\tone two\tthree\n")
    # Only a line feed ends a line; other white space becomes one space.
    assert read_examples(path)[0] == pairs[0]
    assert read_examples(path)[1].texts == ("four", "it’s five")
    path.write_text("1\t  two   words \n2\tno line feed at the end")
    assert read_examples(path) == [
        Example("1", ("two words",)),
        Example("2", ("no line feed at the end",)),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "train.tsv: no such file"),
        (b"", "train.tsv: no example in it"),
        (b"1\tgood\n\n", "train.tsv, line 2: not label<TAB>text"),
        (b"1\t \n", "train.tsv, line 1: not label<TAB>text"),
        (b"\tgood\n", "train.tsv, line 1: not label<TAB>text"),
        (b"1\ta\tb\tc\n", "train.tsv, line 1: not label<TAB>text"),
        (b"1\ta\tb\n1\ta\n", r"train.tsv, line 2: 1 text\(s\), but line 1 has 2"),
        (b"1\t\xff\n", "train.tsv: not UTF-8"),
        (b"1\ta\n\xef\xbb\xbf1\tb\n", "train.tsv, line 2: a byte order mark, .* in the label"),
    ],
)
def test_bad_files(tmp_path, content, message):
    path = tmp_path / "train.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_examples(path)


def test_a_failed_write_leaves_nothing(tmp_path):
    def broken():
        yield Example("1", ("text",))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_examples(tmp_path / "out.tsv", broken())
    assert not list(tmp_path.iterdir())
