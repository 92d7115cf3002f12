import pytest

from data_prep.english.replaceable import (
    IN_EXPRESSION,
    Replaceable,
    find_replaceable,
    is_possessive,
    link_of,
)
from data_prep.english.substitutes import EMPTY, NO_CONTENT_TAG, UNKNOWN


@pytest.mark.parametrize(
    ("chunk", "tokens", "word"),
    [
        ('("movie,"', [("(", 0, "-LRB-"), ('"', 1, "``"), ("movie", 2, "NN"), (",", 7, ","), ('"', 8, "''")],
         ('("', "movie", ',"')),
        ("movie-", [("movie", 0, "NN"), ("-", 5, ":")], ("", "movie", "-")),
        ("Movie's", [("Movie", 0, "NN"), ("'s", 5, "POS")], ("", "Movie", "'s")),
    ],
)  # fmt: skip
def test_words_and_what_is_around_them(chunk, tokens, word):
    found = find_replaceable(chunk, tokens)
    assert isinstance(found, Replaceable)
    assert (found.before, found.word, found.after) == word
    assert found.substitutes.synonyms == ("film",)
    assert bool(found.substitutes.inflections) == ("'s" not in chunk)  # no "movies's"


@pytest.mark.parametrize(
    ("chunk", "tokens", "reason"),
    [
        ("toss-up", [("toss", 0, "NN"), ("-", 4, "HYPH"), ("up", 5, "RP")], IN_EXPRESSION),
        ("dirt-bikes", [("dirt", 0, "NN"), ("-", 4, "HYPH"), ("bikes", 5, "NNS")], IN_EXPRESSION),
        ("and/or", [("and", 0, "CC"), ("/", 3, "SYM"), ("or", 4, "CC")], NO_CONTENT_TAG),
        ("very", [("very", 0, "RB")], EMPTY),
        ("iMovie", [("iMovie", 0, "NN")], UNKNOWN),
        ("mOvie", [("mOvie", 0, "NN")], UNKNOWN),
        ("London", [("London", 0, "NNP")], NO_CONTENT_TAG),
        ("!!!", [], NO_CONTENT_TAG),
    ],
)
def test_reasons(chunk, tokens, reason):
    assert find_replaceable(chunk, tokens) == reason


def test_links_of_chunks():
    took = link_of("(took", [("(", 0, "-LRB-"), ("took", 1, "VBD")])
    assert (took.forms, took.open, took.closed) == (("took", "take"), True, False)
    assert any("place" in seconds for seconds in took.begins)
    closed = link_of("took.", [("took", 0, "VBD"), (".", 4, ".")])
    assert closed.closed and not closed.begins
    assert link_of("don't", [("do", 0, "VBP"), ("n't", 2, "RB")]).forms == ("don't",)


def test_possessive_marks():
    assert is_possessive("'s", [("'s", 0, "POS")]) and is_possessive("’", [("’", 0, "POS")])
    assert not is_possessive("'s", [("'s", 0, "VBZ")]) and not is_possessive("'quoted", [])
