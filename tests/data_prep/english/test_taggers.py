"""spaCy's tags for chunks: a line may have any length."""

import pytest
import spacy

from data_prep.english import taggers
from data_prep.english.taggers import SpacyTagger


@pytest.fixture
def tagger(monkeypatch) -> SpacyTagger:
    """A tagger that knows no tags, and whose longest part is short."""
    monkeypatch.setattr(taggers, "LONGEST", 12)
    return SpacyTagger(spacy.blank("en"))


@pytest.mark.parametrize(
    "line",
    [
        "a big dog",
        "a big dog ran over a small hill",
        "a word-of-many-letters, and more",
        "word-of-many-letters",
        "",
        "exactly twelve of",
    ],
)
def test_long_lines_are_tagged_in_parts(tagger, line):
    lines = ["before", line, "behind"]
    found = [*tagger.keys(lines)]
    assert [[chunk for chunk, _ in keys] for keys in found] == [text.split(" ") for text in lines]
    for chunk, tags in found[1]:
        assert bool(tags) == (0 < len(chunk) <= 12)
        _, tokens = tagger.tokens((chunk, tags))
        assert "".join(form for form, _, _ in tokens) == (chunk if tags else "")


def test_more_characters_than_spacy_takes():
    line = "x" * 3_000_000
    tagger = SpacyTagger(spacy.blank("en"))
    assert [*tagger.keys([line])] == [[(line, ())]]
    assert tagger.tokens((line, ())) == (line, [])
