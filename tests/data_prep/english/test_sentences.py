"""Sentences by punctuation: cased, lower-cased, tokenized; and that other text is cut as it was."""

import hashlib
import random

import pytest

from data_prep.english.sentences import MAX_SENTENCE_CHUNKS, split_sentences


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Mr. Smith met J. Doe in the U.S. yesterday.", None),
        ('He asked: "Why?" Nobody knew.', ['He asked: "Why?"', "Nobody knew."]),
        ("It was, e.g. here, fine.", None),
        ("A tokenized line . Another one .", ["A tokenized line .", "Another one ."]),
        ("Yahoo! announced it.", None),
    ],
)
def test_sentences(line, sentences):
    assert split_sentences(line) == (sentences or [line])


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("he left. she stayed! why? nobody knew.",
         ["he left.", "she stayed!", "why?", "nobody knew."]),
        ("a tokenized line . another one . 2 more .",
         ["a tokenized line .", "another one .", "2 more ."]),
        ("mr. smith met j. doe, e.g. here.", None),
        ("mr . smith met j . doe .", None),
        ("threads (of silk etc.) used in sewing, wool , etc . and (really!) more", None),
        ("so am i. you know.", ["so am i.", "you know."]),
        ("well... maybe … not . . . at all.", None),
        ("really ? ! yes , it is . , but", ["really ? !", "yes , it is . , but"]),
        ("yahoo! announced it.", ["yahoo!", "announced it."]),
        ("yahoo! announced it, Tom.", None),  # a capital letter anywhere
    ],
)  # fmt: skip
def test_lower_cased_lines_are_cut_by_punctuation_alone(line, sentences):
    assert split_sentences(line) == (sentences or [line])


@pytest.mark.parametrize("cased", [False, True])
@pytest.mark.parametrize(
    "sentences",
    [
        ["He said no.", "Then he left."],
        ["It is no. 5 of them.", "That is so."],
        ["`` They left . ''", "`` Why ? ''", "Nobody knew ."],
        ['" They left . "', '" Why ? "', "Nobody knew ."],
        ["They left ( all of them . )", "Nobody knew ."],
        ["They called it a ' draw . '"],
        ['They left .', '" Nobody knew . "'],
    ],
)  # fmt: skip
def test_words_and_quotation_marks_that_stand_apart(sentences, cased):
    line = " ".join(sentences)
    assert split_sentences(line if cased else line.lower()) == (
        sentences if cased else [sentence.lower() for sentence in sentences]
    )


def test_other_text_is_cut_as_it_was():
    """Blocks, and so the ids of a data-bin, depend on it."""
    draw = random.Random(1)
    words = [
        "The",
        "dog",
        "it",
        "(left)",
        "U.S.",
        "J.",
        "Mr.",
        "etc.",
        "3.5",
        "why?",
        "so!",
        "end.",
        '"Yes."',
        "then",
        "...",
        "A,",
        "'b'",
        "c)",
        "one.",
    ]
    lines = [" ".join(["The", *draw.choices(words, k=draw.randrange(1, 600))]) for _ in range(200)]
    cut = "\n".join(sentence for line in lines for sentence in [*split_sentences(line), ""])
    assert hashlib.sha256(cut.encode()).hexdigest() == (
        "a4d6bb17d5bdf6a49362e4813325409f3da7333e4dea3fcffd307528d57a0a4c"
    )


def test_a_line_is_a_sentence_on_request_unless_endless():
    assert split_sentences("One. Two.", by_line=True) == ["One. Two."]
    endless = "word " * (2 * MAX_SENTENCE_CHUNKS) + "end"
    parts = split_sentences(endless, by_line=True)
    assert [len(p.split()) for p in parts] == [MAX_SENTENCE_CHUNKS, MAX_SENTENCE_CHUNKS, 1]
