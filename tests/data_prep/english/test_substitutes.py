"""Words that may stand for others: what was found wrong by reading, and what must stay right."""

import os
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from nltk.corpus.reader.wordnet import WordNetCorpusReader

from data_prep.english import wordnet
from data_prep.english.empty_words import EMPTY_WORDS
from data_prep.english.frequency import far_rarer, in_use
from data_prep.english.offensive_words import OFFENSIVE_WORDS
from data_prep.english.substitutes import (
    EMPTY,
    NO_CONTENT_TAG,
    UNKNOWN,
    find_substitutes,
    lemma_of,
    match_case,
    why_left_alone,
)

KINDS = ("synonyms", "hypernyms", "inflections", "antonyms")


def words_of(related: list[wordnet.Related]) -> set[str]:
    return {item.word for item in related}


def test_senses_respect_the_spelling():
    """'cm' is the centimeter; the element curium is 'Cm'."""
    assert wordnet.in_wordnet("cm", "n") and not wordnet.in_wordnet("Cm", "a")
    assert "curium" not in words_of(wordnet.synonyms("cm", "n"))


def test_shares_of_uses():
    """Worked out by hand from WordNet's counts: "film" has 38, 16, 6, 2 and 2 uses in five senses."""
    movie = next(item for item in wordnet.synonyms("film", "n") if item.word == "movie")
    assert movie.share == pytest.approx(38.5 / (64 + 5 * 0.5))
    assert movie.back == 1  # its only sense
    child = {item.word: item for item in wordnet.synonyms("child", "n")}
    assert child["kid"].share > 0.98 > child["youngster"].share  # in two senses, and in one


def test_satellites_have_the_antonym_of_their_head():
    assert words_of(wordnet.antonyms("wet", "a")) == {"dry"}
    assert words_of(wordnet.antonyms("huge", "a")) == set()
    assert "small" in words_of(wordnet.opposite_ends("huge"))
    assert "small" in find_substitutes("huge", "JJ").antonyms
    assert "large" in words_of(wordnet.hypernyms("huge", "a"))


@pytest.mark.parametrize("word", ["yellow", "pink", "own", "third", "eastern", "electric", "solid"])
def test_only_ends_of_a_scale_lend_their_antonym(word):
    """WordNet puts them near chromatic, personal, ordinal ...: their antonyms were wrong."""
    found = find_substitutes(word, "JJ")
    assert found is None or not found.antonyms


@pytest.mark.binaries
def test_relations_are_in_the_same_order_in_every_process():
    code = (
        "from data_prep.english import wordnet as w;"
        "print([w.hypernyms(x, 'n') for x in 'woman cent charcoal boiling'.split()],"
        "w.antonyms('damp', 'a'), w.synonyms('child', 'n'), w.hypernyms('huge', 'a'))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True,
            check=True,
        ).stdout
        for seed in "12"
    }  # fmt: skip
    assert len(outputs) == 1


def test_the_index_is_that_of_nltk(monkeypatch):
    """Ours reads a lemma's lines on demand."""
    reader = wordnet.open_wordnet()
    ours = reader._lemma_pos_offset_map
    monkeypatch.setattr(reader, "_lemma_pos_offset_map", defaultdict(dict))
    WordNetCorpusReader._load_lemma_pos_offset_map(reader)
    expected = reader._lemma_pos_offset_map
    assert [*ours] == [*expected] and "abcde" not in ours and ours["abcde"] == {}
    assert all(ours[lemma] == expected[lemma] for lemma in ours)


def open_files() -> int:
    return len(wordnet.open_wordnet()._data_file_map)


def test_a_forked_process_reads_with_files_of_its_own():
    """It would share the position in its parent's files, and get the lines of its siblings."""
    wordnet.antonyms("wet", "a")
    assert wordnet.open_wordnet().synsets("forked", "v") is not None
    assert open_files() > 0
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        assert pool.submit(open_files).result() == 0
    assert open_files() > 0


@pytest.mark.parametrize(
    ("word", "tag", "lemma"),
    [
        ("mice", "NNS", "mouse"),
        ("went", "VBD", "go"),
        ("bigger", "JJR", "big"),
        ("leaves", "NNS", "leaf"),  # far more frequent than "leave", a permission
        ("lay", "VB", "lay"),
        ("found", "VB", "found"),
        ("found", "VBD", "find"),
        ("axes", "NNS", None),  # of "ax" or "axis"
        ("glasses", "NNS", None),  # to drink from, or to read with
        ("soviet", "JJR", None),  # no "sovy"
        ("prior", "JJR", None),
        ("xylophoned", "VBD", None),
    ],
)
def test_lemmas(word, tag, lemma):
    assert lemma_of(word, tag) == lemma


@pytest.mark.parametrize(
    ("word", "tag", "kind", "expected"),
    [
        ("increased", "VBD", "antonyms", "decreased"),
        ("victories", "NNS", "antonyms", "defeats"),
        ("taller", "JJR", "antonyms", "shorter"),
        ("movies", "NNS", "synonyms", "films"),
        ("cars", "NNS", "synonyms", "automobiles"),
        ("shirts", "NNS", "hypernyms", "garments"),
        ("huge", "JJ", "hypernyms", "large"),
        ("walked", "VBD", "inflections", "walking"),
        ("dog", "NN", "inflections", "dogs"),
        ("slowly", "RB", "antonyms", "quickly"),
        ("night", "NN", "antonyms", "day"),  # whatever else a day is
        ("important", "JJ", "antonyms", "unimportant"),  # rare, and right
    ],
)
def test_substitutes_keep_the_inflection(word, tag, kind, expected):
    assert expected in getattr(find_substitutes(word, tag), kind)


@pytest.mark.parametrize(
    ("word", "tag", "wrong"),
    [
        # Words that nobody uses.
        ("head", "NN", "caput"), ("week", "NN", "hebdomad"), ("know", "VB", "cognize"),
        ("yellow", "JJ", "xanthous"), ("hat", "NN", "chapeau"), ("young", "JJ", "immature"),
        # Another sense than the usual one of either word.
        ("sharp", "JJ", "crisp"), ("born", "VBN", "featured"), ("shooting", "NN", "shot"),
        ("director", "NN", "manager"), ("child", "NN", "fry"), ("know", "VB", "ignore"),
        ("said", "VBD", "told"), ("wall", "NN", "partition"), ("red", "JJ", "cherry"),
        # Another number, part of speech, or size of the thing.
        ("government", "NN", "authorities"), ("easily", "RB", "easy"), ("year", "NN", "period"),
        # Inflections that do not exist.
        ("wrong", "JJ", "worst"), ("still", "JJ", "stiller"), ("right", "JJ", "righter"), ("pretty", "JJ", "beautifuler"),
        # Offence.
        ("cigarette", "NN", "fag"), ("hustler", "NN", "whore"),
    ],
)  # fmt: skip
def test_what_was_wrong(word, tag, wrong):
    found = find_substitutes(word, tag)
    assert found is None or not any(wrong in getattr(found, kind) for kind in KINDS)


@pytest.mark.parametrize("tag", ["JJR", "JJS"])
def test_no_invented_comparatives(tag):
    """'beautifuler' is no word."""
    found = find_substitutes("prettier" if tag == "JJR" else "prettiest", tag)
    assert not any("beautiful" in word for word in found.synonyms)


@pytest.mark.parametrize(
    ("word", "tag", "reason"),
    [
        ("is", "VBZ", EMPTY), ("not", "RB", EMPTY), ("own", "JJ", EMPTY), ("very", "RB", EMPTY),
        ("none", "NN", EMPTY), ("more", "JJR", EMPTY), ("most", "JJS", EMPTY), ("as", "RB", EMPTY),
        ("let", "VB", EMPTY), ("third", "JJ", EMPTY), ("such", "JJ", EMPTY),
        ("london", "NNP", NO_CONTENT_TAG), ("60", "CD", NO_CONTENT_TAG), ("x", "NN", NO_CONTENT_TAG),
        ("axes", "NNS", UNKNOWN), ("qwertyish", "JJ", UNKNOWN),
        ("dog", "NN", None),
    ],
)  # fmt: skip
def test_other_words_stay(word, tag, reason):
    assert why_left_alone(word, tag) == reason
    assert (find_substitutes(word, tag) is None) == (reason is not None)


def test_nothing_replaces_itself():
    for word, tag in (("sheep", "NNS"), ("cut", "VBD"), ("movie", "NN")):
        found = find_substitutes(word, tag)
        assert not any(word in getattr(found, kind) for kind in KINDS)


def test_words_to_avoid_are_a_choice():
    assert "film" in find_substitutes("movie", "NN").synonyms
    assert "film" not in find_substitutes("movie", "NN", frozenset({"film"})).synonyms
    assert "women" not in find_substitutes("man", "NN", frozenset({"men"})).inflections


def test_the_lists_are_lower_case_words():
    for word in EMPTY_WORDS | OFFENSIVE_WORDS:
        assert word.islower() and word.replace("'", "").isalpha()


def test_use_of_words():
    assert in_use("automobile") and not in_use("xanthous")
    assert not far_rarer("automobile", than="car") and far_rarer("metropolis", than="city")


@pytest.mark.parametrize(
    ("model", "result"),
    [("dog", "cat"), ("Dog", "Cat"), ("DOG", "CAT"), ("iDog", None)],
)
def test_letter_case(model, result):
    assert match_case(model, "cat") == result
