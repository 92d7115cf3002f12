"""Complete words among tokens: V_R of the paper, and the tokens that it leaves out."""

import numpy as np
import pytest
from fairseq.data import Dictionary

from fairseq_cline.data.candidate_words import CandidateWords, is_word


def dictionary_of(text):
    dictionary = Dictionary()
    for symbol in text.split():
        dictionary.add_symbol(symbol)
    return dictionary


def found(dictionary, text):
    """The symbols of the text that are complete words."""
    symbols = text.split()
    positions = CandidateWords(dictionary).positions(
        np.array([dictionary.index(symbol) for symbol in symbols], dtype=np.int64)
    )
    assert positions.shape == (len(symbols),)
    return [symbol for symbol, is_candidate in zip(symbols, positions, strict=True) if is_candidate]


@pytest.mark.parametrize(
    "text",
    [
        *("house", "House", "USA", "is", "of"),
        *("well-known", "mother-in-law", "don't", "don’t", "O'Brien", "rock'n'roll"),
        *("U.S.", "Mr.", "a.m.", "U.S"),
        *("café", "naïve", "Straße", "дом", "σπίτι", "東京", "집에서", "بيت"),
    ],
)
def test_words(text):
    assert is_word(text)


@pytest.mark.parametrize(
    "text",
    [
        *("a", "Z.", "I", "é", "家"),  # lonely characters
        *("!", "@", "#", "--", "...", "“", "@-@", "@,@", "$", "&", "=", "<unk>", "a&b"),  # symbols
        *("7", "1990", "3.14", "1,000", "1990s", "10th", "B2B", "½", "٣", "2nd", "madeupword0001"),
        *("'s", "'ll", "-ed", "pre-", "x_y", "well--known", "two words", ""),  # parts and others
    ],
)
def test_no_words(text):
    assert not is_word(text)


@pytest.mark.parametrize("text", ["km²", "H₂O"])
def test_no_words_with_raised_or_lowered_numbers(text):
    assert not is_word(text)


@pytest.mark.parametrize("text", ["हिन्दी", "cafe\N{COMBINING ACUTE ACCENT}"])
def test_words_with_combining_marks(text):
    assert is_word(text)


def test_words_of_a_dictionary_without_pieces():
    text = "a the tree falls , the well-known tree @-@ U.S. 1990 tree's Z. !"
    dictionary = dictionary_of(text)
    assert found(dictionary, text) == [
        *("the", "tree", "falls", "the", "well-known", "tree", "U.S.", "tree's")
    ]
    # There is no edge: each symbol is a whole.
    assert found(dictionary, "tree") == ["tree"]
    assert found(dictionary, "") == []


def test_specials_are_no_words():
    """Nor is a symbol that Dictionary adds to round up its size."""
    dictionary = Dictionary(pad="pad", eos="eos", unk="unknown", bos="begin")
    dictionary.add_symbol("tree")
    dictionary.pad_to_multiple_(8)
    words = CandidateWords(dictionary)
    assert words.count == 1
    assert np.flatnonzero(words.is_word).tolist() == [dictionary.index("tree")]
    assert found(dictionary, "begin tree unknown eos pad pad") == ["tree"]


PIECES = "▁the ▁train ▁a ▁un ing able s ▁'' ' t ▁don , . ▁. - ▁1990 ▁▁ ▁ <0x0A> ▁U ▁Mr. ! ▁-"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("▁the ▁train ▁the", ["▁the", "▁train"]),
        ("▁the ▁train ing ▁the", ["▁the"]),
        ("▁un able ▁train ▁the", ["▁train"]),
        ("▁the ▁train s ▁train ▁the", ["▁the", "▁train"]),
        # Punctuation ends a word ...
        ("▁the ▁train , ▁the ▁train ! ▁a", ["▁the", "▁train", "▁the", "▁train"]),
        ("▁the ▁. ▁train ▁- ▁the", ["▁the", "▁train"]),
        # ... but for what may stand inside one.
        ("▁don ' t ▁train ▁the", ["▁train"]),
        ("▁un - able ▁the ▁a", ["▁the"]),
        ("▁train <0x0A> ▁the ▁a", ["▁the"]),
        # Lonely characters, numbers and symbols.
        ("▁a ▁1990 ▁U ▁'' ▁ ▁▁ ▁Mr. ▁a", ["▁Mr."]),
        ("ing able s", []),
    ],
)
def test_words_of_sentencepiece(text, expected):
    assert found(dictionary_of(PIECES), text) == expected


def test_the_last_piece_may_go_on():
    """A block cut from a longer text: what comes after it is not seen. After </s> nothing does."""
    dictionary = dictionary_of(PIECES)
    assert found(dictionary, "▁train") == []
    assert found(dictionary, "▁train ▁the") == ["▁train"]
    assert found(dictionary, "▁train ▁the </s>") == ["▁train", "▁the"]
    assert found(dictionary, "▁train <unk>") == []  # an unknown piece may go on with it


JOINED = "the tr@@ ain@@ ing train . a don@@ 't 19@@ 90 @-@"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("</s> the train .", ["the", "train"]),
        ("</s> the tr@@ ain@@ ing train .", ["the", "train"]),
        ("</s> don@@ 't train a", ["train"]),
        ("</s> 19@@ 90 train @-@ the", ["train", "the"]),
        ("the train", ["train"]),  # the first may be the end of a word that began before
        ("ing train", ["train"]),
    ],
)
def test_words_of_subword_nmt(text, expected):
    assert found(dictionary_of(JOINED), text) == expected


def test_numbers_of_gpt2_are_no_words():
    assert CandidateWords(dictionary_of("262 11 13 50118 madeupword0000")).count == 0


def test_one_odd_symbol_does_not_make_a_dictionary_one_of_pieces():
    """A chart drawn with block characters, in a text of words."""
    text = "the old tree falls near the house of stone ▁▂▃"
    assert len(found(dictionary_of(text), text)) == 9


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [
        ("<pad>", "special"),
        ("▁train", "word"),
        ("ing", "sub-word"),
        ("tr@@", "sub-word"),
        ("▁a", "character"),
        ("▁Z.", "character"),
        ("▁1990", "number"),
        ("▁10th", "number"),
        ("▁@", "symbol"),
        ("▁", "symbol"),
        ("▁a&b", "mixed"),
    ],
)
def test_kind(symbol, kind):
    words = CandidateWords(dictionary_of(f"{symbol} ▁the"))
    assert words.kind(symbol) == kind
    assert bool(words.is_word[words.dictionary.index(symbol)]) == (kind == "word")


def test_signs_of_vowels_and_unknown_pieces_go_on_with_a_word():
    symbols = "▁कम ी ▁na ▁tree ▁falls ▁the ▁house ▁old ▁new ▁car"
    dictionary = dictionary_of(symbols)
    assert found(dictionary, "▁कम ी ▁tree </s>") == ["▁tree"]
    assert found(dictionary, "▁na <unk> ▁tree </s>") == ["▁tree"]
    assert found(dictionary, "▁कम ▁na ▁tree </s>") == ["▁कम", "▁na", "▁tree"]
