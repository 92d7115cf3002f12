"""Changes that keep a label: what each does to a text, and what it leaves alone."""

import random
import re

import pytest

from data_prep.english import wordnet
from data_prep.english.contractions import Contraction, expand
from data_prep.english.invariances import (
    ContractionChange,
    FinalPunctuation,
    Typo,
    swap_names,
    swap_numbers,
)
from data_prep.english.names import NAMES


def rng(seed: int = 1) -> random.Random:
    return random.Random(seed)


def changed(change, *texts: str, seed: int = 1) -> str:
    """The only text, or the texts of a pair with a bar between."""
    return "|".join(change(texts, rng(seed)))


def test_names_are_in_one_list_and_are_no_other_words():
    names = [name for kind in NAMES.values() for name in kind]
    assert len(names) == len({name.lower() for name in names}) > 150
    for name in names:
        assert not any(wordnet.in_wordnet(name.lower(), pos) for pos in "nvar"), name


def test_a_name_becomes_another_of_its_kind_in_its_letter_case():
    found = changed(swap_names, "Mary met DAVID and david's friend in San Francisco, Canada")
    match = re.fullmatch(r"(\w+) met ([A-Z]+) and (\w+)'s friend in ([\w ]+), (\w+)", found)
    woman, loud, man, city, country = match.groups()
    assert woman in NAMES["woman"] and woman != "Mary"
    assert man.capitalize() in NAMES["man"] and man != "david" and loud == man.upper()
    assert city in NAMES["American city"] and city != "San Francisco"
    assert country in NAMES["country"] and country != "Canada"


def test_a_pair_gets_the_same_names_and_different_ones_stay_different():
    first, second = "Alice saw Nancy in Paris.", "Nancy saw Alice."
    for seed in range(20):
        one, two = swap_names((first, second), rng(seed))
        a, b = re.fullmatch(r"(\w+) saw (\w+) in \w+\.", one).groups()
        assert two == f"{b} saw {a}." and len({a, b, "Alice", "Nancy"}) == 4


@pytest.mark.parametrize("text", ["Parisian", "mark my words", "the Boston-based firm", "Daniels"])
def test_what_is_no_name_stays(text):
    assert changed(swap_names, text) == text


@pytest.mark.parametrize(
    ("number", "pattern"),
    [
        ("84", r"6[8-9]|[79]\d|8[0-35-9]"),
        ("10", "20"),
        ("3000", "[24]000"),
        ("1,250", r"1,[0-4]\d\d|1,500"),
        ("2.5", r"2\.[0-46-9]|3\.0|2\.\d"),
        ("2", "3"),
        ("9", "8"),
        ("1984", r"198\d"),
        ("2010", r"201\d"),
        ("$40", r"\$[35]0"),
        ("(25)", r"\(2\d\)|\(30\)"),
        ("5%", "[46]%"),
        ("45.", r"\d\d\."),
    ],
)
def test_a_number_becomes_another_of_its_size_and_format(number, pattern):
    for seed in range(10):
        found = changed(swap_numbers, f"about {number} of them", seed=seed)
        new = re.fullmatch(r"about (\S+) of them", found)[1]
        assert new != number and re.fullmatch(pattern, new)


@pytest.mark.parametrize(
    "text",
    [
        "the 19th of 3d",
        "a 90-minute film",
        "on 9/11",
        "#9",
        "1 man , 0 women",
        "the 1970s",
        "the late 1700 's",
        "007s and 000",
        "٠ and ٣",
        "8 out of 10",
        "i give it a 3",
        "rated 7 by 30 people",
        "it has 4 stars",
        "7 / 10",
    ],
)
def test_ratings_and_what_is_no_plain_number_stay(text):
    assert changed(swap_numbers, text) == text


def test_equal_numbers_stay_equal_and_others_different():
    for seed in range(20):
        one, two = swap_numbers(("from 50 to 60", "60 and 50"), rng(seed))
        a, b = re.fullmatch(r"from (\d+) to (\d+)", one).groups()
        assert two == f"{b} and {a}" and len({a, b, "50", "60"}) == 4


def test_where_all_that_is_near_is_in_the_text_already_nothing_changes():
    decade = " ".join(str(year) for year in range(1980, 1990))
    assert changed(swap_numbers, decade) == decade
    everywhere = " ".join(NAMES["American city"])
    assert changed(swap_names, everywhere) == everywhere


CONTRACTED = [
    ("i don't know", "i do not know"),
    ("It's a film you can't miss", "It is a film you cannot miss"),
    ("they won't say", "they will not say"),
    ("WON'T DO", "WILL NOT DO"),
    ("We're sure he'll come", "We are sure he will come"),
    ("What's new", "What is new"),
    ("it isn't good", "it is not good"),
    ("I'm here", "I am here"),
]


@pytest.mark.parametrize(("short", "full"), CONTRACTED)
def test_contractions_both_ways(short, full):
    assert expand(short) == full
    assert Contraction([])(full) == short


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("they've seen it", "they have seen it"),
        ("I should’ve gone", "I should have gone"),
        ("do n't", "do not"),
        ("ca n't", "cannot"),
        ("Can 't", "Cannot"),
        ("it 's so", "it is so"),
        ("It'S so", "It IS so"),
    ],
)
def test_other_spellings_are_written_out(short, full):
    assert expand(short) == full


@pytest.mark.parametrize(
    "text",
    [
        "why don't you go",
        "it's been a while",
        "he's made a film",
        "she's never seen it",
        "he's directed it",
        "the film's end",
        "it's own",
        "ain't",
        "he'd gone",
    ],
)
def test_what_is_not_sure_is_not_written_out(text):
    assert expand(text) == text


@pytest.mark.parametrize(
    "text",
    ["that is .", "better than it is on paper", "what it is about", "it is and was", "is not"],
)
def test_a_stressed_verb_is_not_drawn_together(text):
    expected = {"is not": "isn't"}.get(text, text)
    assert Contraction([])(text) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["we don't", "it's"], "it's what they don't and can't see"),
        (["we do n't", "it 's"], "it 's what they do n't and ca n't see"),
        (["we don 't", "it 's", "he 's"], "it 's what they don 't and can 't see"),
    ],
)
def test_contractions_are_spelled_as_in_the_file(written, expected):
    change = ContractionChange(written)
    assert changed(change, "it is what they do not and can not see") == expected
    assert changed(change, "he's here , it is") == "he is here , it is"  # written out comes first


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("good .", "good"),
        ("good?!", "good"),
        ("good . . .", "good"),
        ("good", "good ."),
        ("stoked . '", "stoked . '"),
        ("in the U.S.", "in the U.S."),
        ("...", "..."),
    ],
)
def test_final_punctuation(text, expected):
    assert changed(FinalPunctuation(["fine ."]), text) == expected


def test_a_full_stop_is_added_as_the_file_has_it():
    assert changed(FinalPunctuation(["fine.", "well", "so ."]), "good", "bad") == "good.|bad."


def test_long_runs_of_marks_or_digits_stay():
    """Each place of the run tried would take hours; Python reads no number of 5,000 digits."""
    marks = "!" * 1_000_000 + "a("
    assert changed(FinalPunctuation([]), marks) == marks
    number, year = changed(swap_numbers, "7" * 5000 + " of 1961").split(" of ")
    assert number == "7" * 5000 and year.startswith("196") and year != "1961"


def test_a_typo_swaps_two_inner_letters_of_one_word():
    text = "a deliciously exploitative comedy of don't-miss errors"
    change = Typo([text])
    for seed in range(30):
        pairs = [
            (old, new)
            for old, new in zip(text.split(), changed(change, text, seed=seed).split(), strict=True)
            if old != new
        ]
        ((old, new),) = pairs
        places = [i for i in range(len(old)) if old[i] != new[i]]
        assert sorted(old) == sorted(new) and len(places) == 2
        assert places[1] == places[0] + 1 and places[0] > 0 and places[1] < len(old) - 1
        assert old in ("deliciously", "exploitative", "comedy", "errors")


def test_a_typo_makes_no_other_word_and_needs_a_second_word():
    assert changed(Typo([]), "from") == "from"
    # "form" is in WordNet, and "clod" too; "wehn" would be one of the file.
    assert changed(Typo(["wehn"]), "from when") == "from when"
    assert changed(Typo([]), "from when") == "from wehn"
