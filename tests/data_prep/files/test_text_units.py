import gzip
import io

import pytest

from data_prep.errors import InputError
from data_prep.files import text_units as corpus
from data_prep.files.bounded_lines import MAX_LINE_BYTES
from data_prep.files.text_units import Corpus, input_files, stream_lines, units


def lines_of(*files) -> list[str]:
    return [line for line, _ in stream_lines([str(f) for f in files])]


def test_folders_gzip_and_plain_files_give_the_same_lines(tmp_path):
    (tmp_path / "b.txt").write_text("second  line\n", encoding="utf-8")
    with gzip.open(tmp_path / "a.txt.gz", "wt", encoding="utf-8") as out:
        out.write("first\tline\n")
    files = input_files([str(tmp_path)])
    assert lines_of(*files) == ["first line", "", "second line", ""]


def test_consumed_bytes_end_at_the_total(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text("some text\n" * 50_000, encoding="utf-8")
    files = input_files([str(tmp_path)])
    consumed = [unit.consumed for unit in units(files)]
    assert consumed == sorted(consumed)
    assert consumed[-1] == corpus.total_bytes(files)


def test_standard_input_is_read(monkeypatch):
    class Stdin:
        buffer = io.BytesIO(b"from a pipe\n")

    monkeypatch.setattr("sys.stdin", Stdin)
    assert lines_of("-") == ["from a pipe", ""]


def test_units_hold_all_lines_and_are_numbered(tmp_path):
    path = tmp_path / "text"
    written = [f"line number {i} of some length" for i in range(20_000)]
    path.write_text("\n".join(written), encoding="utf-8")
    found = list(units([str(path)]))
    assert [unit.index for unit in found] == list(range(len(found)))
    assert len(found) > 3
    assert [line for unit in found for line in unit.lines if line] == written


@pytest.mark.parametrize("gap", [" ", ""])
def test_endless_lines_come_in_parts_and_whole(tmp_path, gap):
    """The text8 layout: all of a corpus on one line; and text without a space at all."""
    path = tmp_path / "text"
    written = gap.join(f"wörd{i}" for i in range(60_000))
    path.write_text(written, encoding="utf-8")
    parts = [part for part, _ in stream_lines([str(path)])]
    assert gap.join(part for part in parts if part) == written
    assert max(len(part.encode()) for part in parts) <= 2 * MAX_LINE_BYTES
    assert sum(not part for part in parts) == 1  # the end of the file, no other boundary
    assert len(list(units([str(path)]))) > 2


def test_the_digest_tells_changed_text(tmp_path):
    path = tmp_path / "text"
    digests = []
    for word in ("one", "two", "one"):
        path.write_text(f"{word} word\n" + "more text\n" * 20_000)
        digests.append([unit.digest for unit in units([str(path)])])
    assert digests[0] == digests[2]
    assert not set(digests[0]) & set(digests[1])


def test_a_look_at_the_beginning_takes_nothing_from_the_stream(tmp_path):
    path = tmp_path / "text"
    path.write_text("a few words\n" * 40_000, encoding="utf-8")
    stream = Corpus([str(path)])
    assert len(stream.beginning(80_000)) == 3
    assert [unit.index for unit in stream] == [u.index for u in units([str(path)])]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"fine\n\xff\xfe broken", "not UTF-8"),
        (b"fine\n" + b"\x80" * 70_000, "not UTF-8 text after line 1"),
        (b"", "no text"),
        (b" \n\n", "no text"),
    ],
)
def test_bad_text_names_the_file(tmp_path, content, message):
    path = tmp_path / "bad.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        list(Corpus([str(path)]).beginning())
    assert str(path) in str(error.value)


def test_truncated_gzip_names_the_file(tmp_path):
    path = tmp_path / "cut.gz"
    whole = gzip.compress("\n".join(f"line {i * i}" for i in range(9999)).encode())
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="truncated") as error:
        lines_of(path)
    assert str(path) in str(error.value)


def test_missing_and_empty_inputs(tmp_path):
    with pytest.raises(InputError, match="/dev/zero: cannot be read .a pipe or a device"):
        input_files(["/dev/zero"])
    with pytest.raises(InputError, match="cannot be read .No such file or directory"):
        input_files([str(tmp_path / "absent")])
    with pytest.raises(InputError, match="cannot be read .No such file or directory"):
        input_files([""])
    with pytest.raises(InputError, match="holds no file"):
        input_files([str(tmp_path)])
