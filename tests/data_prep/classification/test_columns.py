"""Columns of labeled text: names on top and a label at the end are told from examples."""

import pytest

from data_prep.classification.columns import check_columns
from data_prep.classification.examples import Example
from data_prep.errors import InputError

REVIEWS = [(("neg", "pos")[k % 2], f"this is review number {k}") for k in range(12)]
PAIRS = [(("no", "yes")[k % 2], f"premise number {k}", f"it is {k}") for k in range(12)]
SCORES = [(f"{k / 12:.2f}", *texts) for k, (_, *texts) in enumerate(PAIRS)]


def examples(rows) -> list[Example]:
    return [Example(label, tuple(texts)) for label, *texts in rows]


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (("Sentiment", "Text"), REVIEWS),
        (("Sentiment", "Text"), REVIEWS[:1]),
        (("label", "review text"), REVIEWS[:2]),
        (("gold_label", "sentence1", "sentence2"), PAIRS),
        (("Quality", "#1 String", "#2 String"), [(str(k % 2), *t) for k, (_, *t) in enumerate(PAIRS)]),
        (("mood", "words"), REVIEWS),  # no usual names, but no text of the file is as short
        (("similarity", "a", "b"), SCORES),
        (("gut", "erster Satz", "zweiter Satz"), SCORES),
    ],
)  # fmt: skip
def test_a_header_is_told(header, rows):
    with pytest.raises(InputError) as error:
        check_columns(examples([header, *rows]), "train.tsv")
    line = "<TAB>".join(header)
    assert str(error.value).startswith(f"train.tsv, line 1: '{line}' looks like names of the col")
    assert "remove the line" in str(error.value)
    check_columns(examples([*rows, header]), "train.tsv")  # an example, where no header can be


@pytest.mark.parametrize(
    "rows",
    [
        REVIEWS,
        PAIRS,
        SCORES,
        [("pos", "Great"), *REVIEWS],  # a short text of a class that comes again
        [("x", "Great"), *REVIEWS[:9]],
        [("x", "Great"), *REVIEWS, ("neg", "Bad")],
        [("a", "x"), ("b", "y")],
        [("1", "x"), ("b", "y")],
        [("3,5", "a long enough first text", "and its second"), *SCORES],
        [("yes", "fine")],
        [("not sure", "why"), ("very sure", "why"), ("yes", "no")],
        [("neg", "the same text"), ("pos", "the same text")],
        [("7.35", "love", "sex"), ("10", "tiger", "cat"), ("6.77", "book", "cat")],
        [(str(k), "a question", f"answer {k % 3}") for k in range(9)],
        [(("wrong", "right")[k % 2], "how many are there", str(k)) for k in range(9)],
        [(("even", "odd")[k % 2], str(k)) for k in range(9)],
        # Labels that are more, and longer, than the second texts.
        [(f"not {'abcd'[k % 4]}", f"text {k}", ("food", "staff")[k % 2]) for k in range(40)],
        [("abcd"[k % 4], f"text {k}", str(k % 2)) for k in range(40)],
    ],
)
def test_examples_are_left_alone(rows):
    check_columns(examples(rows), "train.tsv")


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ([(text, label) for label, text in REVIEWS],
         "2 different values (neg, pos), the first 12"),
        ([(first, second, label) for label, first, second in PAIRS],
         "2 different values (no, yes), the first 12"),
        ([(first, second, score) for score, first, second in SCORES],
         "12 different values (0.00, 0.08, 0.17, 0.25, 0.33, 0.42, 0.50, 0.58, 0.67, 0.75 and 2"),
        ([(f"this is text {k}", f"class {k % 400}") for k in range(900)],
         "400 different values (class 0, class 1, class 10, class 100, class 101"),
        ([(f"premise number {k // 3}", f"it is {k}", "abc"[k % 3]) for k in range(90)],
         "3 different values (a, b, c), the first 30"),
    ],
)  # fmt: skip
def test_a_label_at_the_end_is_told(rows, columns):
    with pytest.raises(InputError) as error:
        check_columns(examples(rows), "train.tsv")
    message = str(error.value)
    assert f"train.tsv: the label seems to be in the last column, which has {columns}" in message
    assert message.endswith("put it into the first: label<TAB>text[<TAB>second text]")
    assert len(message) < 400


def test_long_cells_make_no_long_message():
    with pytest.raises(InputError) as error:
        check_columns(examples([("x" * 1000, "text"), *REVIEWS]), "train.tsv")
    assert len(str(error.value)) < 250
