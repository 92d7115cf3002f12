import os
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from nltk.corpus.reader.wordnet import WordNetCorpusReader

from data_prep.english import wordnet
from data_prep.english.substitutes import find_substitutes, lemma_of, match_case


def test_senses_respect_the_spelling():
    """'cm' is the centimeter; the element curium is 'Cm'."""
    assert "centimeter" in wordnet.synonyms("cm", "n")
    assert "curium" not in wordnet.synonyms("cm", "n")


def test_satellites_have_the_antonym_of_their_head():
    assert wordnet.antonyms("wet", "a") == ["dry"]
    assert "dry" in wordnet.antonyms("damp", "a")


@pytest.mark.binaries
def test_relations_are_in_the_same_order_in_every_process():
    code = (
        "from data_prep.english import wordnet as w;"
        "print([w.hypernyms(x, 'n') for x in 'woman cent charcoal boiling'.split()],"
        "w.antonyms('damp', 'a'))"
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
    assert open_files() > 0
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        assert pool.submit(open_files).result() == 0
    assert open_files() > 0


@pytest.mark.parametrize(
    ("word", "tag", "lemma"),
    [("mice", "NNS", "mouse"), ("went", "VBD", "go"), ("bigger", "JJR", "big")],
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
        ("dogs", "NNS", "hypernyms", "canines"),
        ("walked", "VBD", "inflections", "walking"),
        ("quickly", "RB", "antonyms", "slowly"),
    ],
)
def test_substitutes_keep_the_inflection(word, tag, kind, expected):
    assert expected in getattr(find_substitutes(word, tag), kind)


@pytest.mark.parametrize("tag", ["JJR", "JJS"])
def test_no_invented_comparatives(tag):
    """'beautifuler' is no word."""
    found = find_substitutes("pretty", tag)
    assert not any("beautiful" in word for word in found.synonyms)


@pytest.mark.parametrize(
    ("word", "tag"), [("is", "VBZ"), ("not", "RB"), ("london", "NNP"), ("60", "CD"), ("x", "NN")]
)
def test_other_words_stay(word, tag):
    assert find_substitutes(word, tag) is None


def test_nothing_replaces_itself():
    for word, tag in (("sheep", "NNS"), ("put", "VBD"), ("own", "JJ")):
        found = find_substitutes(word, tag)
        kinds = (found.synonyms, found.hypernyms, found.inflections, found.antonyms)
        assert not any(word in words for words in kinds)


@pytest.mark.parametrize(
    ("model", "result"),
    [("dog", "cat"), ("Dog", "Cat"), ("DOG", "CAT"), ("iDog", None)],
)
def test_letter_case(model, result):
    assert match_case(model, "cat") == result
