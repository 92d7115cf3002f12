"""Documents: articles of WikiExtractor, JSON lines, and that all other text is read as it stands."""

import gzip
import hashlib
import io
import json

import pytest

from data_prep.errors import InputError
from data_prep.files import documents
from data_prep.files.byte_order_marks import MARK
from data_prep.files.text_units import STDIN, input_files, stream_lines, units

ARTICLES = """\
<doc id="12" url="https://en.wikipedia.org/wiki?curid=12" title="AT&amp;T "Bell" > old">
AT&amp;T

If a &lt; b &amp;amp; c  then
so is d.

</doc>
<doc id="25" revid="7" url="https://en.wikipedia.org/wiki?curid=25" title="Tea">
Tea

It is a drink &quot;of leaves&quot;.
</doc>
Behind &lt;it&gt;.

"""
ARTICLE_LINES = ["", "AT&T", "If a < b &amp; c then", "so is d.", ""]
ARTICLE_LINES += ["", "Tea", "It is a drink &quot;of leaves&quot;.", "", "Behind &lt;it&gt;.", ""]
OBJECTS = "\n".join(
    json.dumps(item)
    for item in (
        {"id": "1", "title": "Tea", "text": "Tea\n\nIt  is \u201chot\u201d.\r\nAT&amp;T &lt;doc"},
        {"text": '<doc id="1" url="" title="">\n{"text": 1}'},
        {"text": ""},
        {"text": "\ufeffThe end"},
    )
)
OBJECT_LINES = ["Tea", "It is \u201chot\u201d.", "AT&T <doc", ""]
OBJECT_LINES += ['<doc id="1" url="" title="">', '{"text": 1}', "", "", "The end", ""]


def lines_of(*files) -> list[str]:
    return [line for line, _ in stream_lines([str(file) for file in files])]


@pytest.mark.parametrize("mark", [b"", MARK], ids=["plain", "marked"])
@pytest.mark.parametrize(
    ("text", "lines"),
    [(ARTICLES, ARTICLE_LINES), (OBJECTS, OBJECT_LINES)],
    ids=["articles", "json"],
)
def test_documents_come_from_folders_gzip_and_standard_input(
    tmp_path, monkeypatch, mark, text, lines
):
    content = mark + text.encode()
    for folder in ("AA", "AB"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "wiki_00").write_bytes(content)
    (tmp_path / "AB" / "wiki_01.gz").write_bytes(gzip.compress(content))
    assert lines_of(*input_files([str(tmp_path)])) == [*lines, ""] * 3

    class Stdin:
        buffer = io.BytesIO(content)

    monkeypatch.setattr("sys.stdin", Stdin)
    assert lines_of(STDIN) == [*lines, ""]


def test_a_file_that_begins_or_ends_within_an_article(tmp_path):
    (tmp_path / "a").write_text('the end.\n</doc>\n<doc id="1" url="" title="">\nOne\n\ntwo')
    (tmp_path / "b").write_text("three\n\nfour")
    assert lines_of(tmp_path / "a", tmp_path / "b") == [
        "the end.", "", "", "One", "two", "", "three", "", "four", ""
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    ["{{Infobox}}", "{ a }", "{'text': 1}", '["text"]', "<doc>", '<doc id="1"> is a tag', "{"],
)
def test_other_text_that_looks_alike_is_prose(tmp_path, line):
    (tmp_path / "text").write_text(f"\n{line}\n\n{line}\n")
    assert lines_of(tmp_path / "text") == ["", line, "", line, ""]


@pytest.mark.parametrize(
    "line", ["prose", "[1]", '"text"', '{"id": 1}', '{"text": 3}', '{"text": "cut', '{"text": "\\ud800"}']
)  # fmt: skip
def test_a_line_that_is_no_object_with_text_is_named(tmp_path, line):
    path = tmp_path / "articles"
    path.write_text(f'{{"text": "one"}}\n\n{line}\n')
    message = f'{path}, line 3: no JSON object with a "text"'
    with pytest.raises(InputError, match=message) as error:
        lines_of(path)
    assert "correct the line, or take it out" in str(error.value)


@pytest.mark.parametrize("line", ['{"id": 1, "text": "cut', '{"data": []}', "{}"])
def test_the_first_line_is_named_too(tmp_path, line):
    path = tmp_path / "articles"
    path.write_text(line)
    with pytest.raises(InputError, match=f"{path}, line 1: no JSON object"):
        lines_of(path)


def test_json_that_is_not_utf_8_is_named(tmp_path):
    path = tmp_path / "articles"
    path.write_bytes(b'{"text": "one"}\n{"text": "na\xefve"}\n')
    with pytest.raises(InputError, match=f"{path}: not UTF-8 text after line 1"):
        lines_of(path)


class Endless(io.RawIOBase):
    """An object whose text never ends."""

    def __init__(self) -> None:
        self.given = 0

    def readline(self, size: int = -1) -> bytes:
        piece = (b'{"text": "' if not self.given else b"").ljust(size, b"x")
        self.given += len(piece)
        return piece


def test_a_line_of_json_is_read_to_a_limit(monkeypatch):
    monkeypatch.setattr(documents, "MAX_OBJECT_BYTES", 1 << 20)
    stream = Endless()
    monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": stream}))
    with pytest.raises(InputError, match="-, line 1: a JSON object above 1 MiB; divide its text"):
        lines_of(STDIN)
    assert stream.given < 1.2 * (1 << 20)


def test_a_long_text_in_an_object_comes_in_bounded_lines(tmp_path):
    words = [f"wörd{number}" for number in range(60_000)]
    (tmp_path / "json").write_text(json.dumps({"text": " ".join(words)}))
    (tmp_path / "plain").write_text(" ".join(words))
    assert lines_of(tmp_path / "json")[:-1] == lines_of(tmp_path / "plain")


def test_objects_and_blank_lines_give_the_same_units(tmp_path):
    texts = [f"Text {number}.\nMore of it.\n" for number in range(9000)]
    (tmp_path / "plain").write_text("\n".join(texts) + "\n")
    (tmp_path / "json").write_text("\n".join(json.dumps({"text": text}) for text in texts))
    plain, objects = (
        [(unit.lines, unit.digest) for unit in units([str(tmp_path / name)])]
        for name in ("plain", "json")
    )
    assert plain == objects and len(plain) > 1


def test_the_digest_tells_changed_objects(tmp_path):
    path = tmp_path / "articles"
    found = []
    for word in ("one", "two", "one"):
        lines = [{"text": f"{word} word"}, *[{"text": "more text\n" * 200}] * 100]
        path.write_text("\n".join(map(json.dumps, lines)))
        found.append([*units([str(path)])])
    assert found[0] == found[2]
    assert len(found[0]) > 1 and found[0][-1].consumed == path.stat().st_size
    assert not {unit.digest for unit in found[0]} & {unit.digest for unit in found[1]}


def test_units_of_all_other_text_are_what_they_were(tmp_path):
    """Data-bins that were begun before, and the seeds of the choices, depend on it."""
    prose = "".join(f"Line {i}\tof  some &amp; text, {{a: {i}}}.\n" + "\n" * (i % 7 == 0)
                    for i in range(9000))  # fmt: skip
    (tmp_path / "a").write_bytes(MARK + prose.encode() + b"word " * 40_000 + b"x" * 100_000)
    (tmp_path / "b.gz").write_bytes(gzip.compress(b" \n\n" + prose.encode(), mtime=0))
    content = "".join(
        f"{unit.index} {unit.lines} {unit.digest}\n"
        for unit in units([str(tmp_path / name) for name in ("a", "b.gz")])
    )
    assert hashlib.sha256(content.encode()).hexdigest() == (
        "9b17afe4e5bc7fb68328e74329d376524ee21ae613e67fd89dd635c5565c82fe"
    )
    found = [unit.consumed for unit in units([str(tmp_path / "a")])]
    assert found == [134326, 268593, 442605, 639213, 677069]
