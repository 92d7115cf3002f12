"""Antonyms that exclude each other: which is chosen, and that they are words."""

import pytest

from data_prep.english import exclusive_antonyms
from data_prep.english.exclusive_antonyms import WORDS, exclusive_antonym
from data_prep.english.wordnet import open_wordnet


@pytest.mark.parametrize(
    ("word", "subject", "complement", "expected"),
    [
        ("healthy", "dog", "", "unhealthy"),
        ("unhealthy", "dog", "", "healthy"),
        ("true", "story", "", "false"),
        ("short", "she", "", "tall"),
        ("short", "road", "", "long"),
        ("old", "Mary", "", "young"),
        ("old", "London", "", None),  # a name of what is not known
        ("rich", "teacher", "", "poor"),
        ("old", "people", "", "young"),
        ("old", "team", "", None),
        ("rich", "soup", "", None),
        ("able", "she", "infinitive", "unable"),
        ("happy", "she", "infinitive", None),
        ("similar", "it", "to", "dissimilar"),
        ("strong", "he", "of", None),
        ("good", "he", "at", "bad"),
        ("certain", "it", "", None),
        ("certain", "it", "clause", "uncertain"),
        ("hot", "it", "", None),
        ("red", "it", "", None),
    ],
)
def test_the_antonym_fits_subject_and_complement(word, subject, complement, expected):
    assert exclusive_antonym(word, subject, complement) == expected


def test_words_are_adjectives_of_wordnet():
    senses = open_wordnet().synsets
    assert [word for word in sorted(WORDS) if not senses(word, "a")] == []


def test_prefixes_turn_words_into_their_opposite_and_back():
    for word, opposite in exclusive_antonyms._FORMED.items():
        assert exclusive_antonyms._FORMED[opposite] == word
