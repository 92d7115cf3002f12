"""Numbers as options: those in range, and words for all others."""

from argparse import ArgumentTypeError

import pytest

from data_prep.files.option_numbers import number, seed, whole_number


def test_numbers_in_range():
    assert [whole_number(1)(text) for text in ("1", "2147483647")] == [1, 2**31 - 1]
    assert seed("4294967295") == 2**32 - 1
    assert [number(0, 1)(text) for text in ("0", "1e-3", "1")] == [0.0, 0.001, 1.0]


@pytest.mark.parametrize(
    "text", ["0", "-1", "1e20", "1.0", "nan", "", "x", "2147483648", "9" * 400]
)
def test_other_whole_numbers_are_refused(text):
    shown = text if len(text) <= 40 else "9" * 40 + "..."
    with pytest.raises(ArgumentTypeError, match=f"^'{shown}' is not a whole number from 1 to 214"):
        whole_number(1)(text)


@pytest.mark.parametrize("text", ["-0.1", "1.1", "nan", "inf", "1e999", "x", "9" * 400])
def test_other_numbers_are_refused(text):
    with pytest.raises(ArgumentTypeError, match="is not a number from 0 to 1$"):
        number(0, 1)(text)
