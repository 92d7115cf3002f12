"""JSON of any origin."""

import pytest

from data_prep.files.json_values import parse_json


def test_values_are_as_they_were_written():
    assert parse_json(b'{"a": [1, 2.5, null, "\xc3\xa4"]}') == {"a": [1, 2.5, None, "ä"]}
    assert parse_json(r'["\ud83d\ude00", "\\ud800"]') == ["😀", r"\ud800"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\xff", "codec can't decode"),
        ("", "Expecting value"),
        ("[1", "delimiter"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ("[NaN]", "NaN is no number of JSON"),
        ("-Infinity", "-Infinity is no number of JSON"),
        ("1e999", "the number 1e999 is too large"),
        (r'{"\ud800": 1}', "surrogates not allowed"),
        (r'["a \uDE00"]', "surrogates not allowed"),
        ("9" * 5000, "integer string conversion"),
    ],
)
def test_what_is_none_is_a_value_error(text, message):
    with pytest.raises(ValueError, match=message):
        parse_json(text)
