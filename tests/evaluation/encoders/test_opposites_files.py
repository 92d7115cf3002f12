"""Sentences with others of the same and of the opposite meaning, in each form."""

import json

import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation.encoders.opposites_files import Choice, read_opposites


def write(tmp_path, content: str) -> str:
    path = tmp_path / "opposites"
    path.write_text(content, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("head", ["", "Sentence\tsame\topposite\n", "\ufeff"])
def test_choices_between_two(tmp_path, head):
    found = read_opposites(write(tmp_path, head + "a  fat cat\ta thick cat\ta thin cat\n"))
    assert found.choices == [Choice("a fat cat", ("a thick cat", "a thin cat"), 0)]
    assert found.negations == [] and found.chance == 50.0


@pytest.mark.parametrize("head", ["", "sentence\tnegated\n"])
def test_negations(tmp_path, head):
    found = read_opposites(write(tmp_path, head + "it is\tit is not\nI do\tI do not\n"))
    assert found.negations == [("it is", "it is not"), ("I do", "I do not")]
    assert found.choices == []


def test_choices_among_several(tmp_path):
    lines = [
        {"input": "a fat cat", "sentences": ["a thin cat", "a thick cat", "no"], "label": 1},
        {"input": "it is", "sentences": ["it is", "it is not"], "label": 0, "more": 7},
    ]
    found = read_opposites(write(tmp_path, "".join(json.dumps(line) + "\n" for line in lines)))
    assert found.choices == [
        Choice("a fat cat", ("a thin cat", "a thick cat", "no"), 1),
        Choice("it is", ("it is", "it is not"), 0),
    ]
    assert found.chance == pytest.approx(100 * (1 / 3 + 1 / 2) / 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "opposites, line 1: empty; give lines of sentence<TAB>same"),
        ("sentence\tnegated\n", "opposites: no line below the names of its columns"),
        ("one text\n", "opposites, line 1: not recognized"),
        ("a\tb\tc\td\n", "opposites, line 1: not recognized"),
        ("a\tb\tc\na\tb\n", "opposites, line 2: 2 columns, but line 1 has 3"),
        ("a\tb\n \tb\n", "opposites, line 2: a text is empty"),
        ('{"input": "a"}\n', "opposites, line 1: not an object with input, sentences, label"),
        ('{"input": "a", "sentences": ["b", "c"], "label": 0}\n{\n', "opposites, line 2: not an"),
        ('{"input": "a", "sentences": ["b"], "label": 0}\n', "line 1: 1 sentences, wanted two"),
        (
            '{"input": "a", "sentences": ["b", 3], "label": 0}\n',
            "line 1: a sentence is empty, or no",
        ),
        ('{"input": " ", "sentences": ["b", "c"], "label": 0}\n', "line 1: a sentence is empty"),
        (
            '{"input": "a", "sentences": ["b", "c"], "label": 2}\n',
            "its label is 2, wanted .* 0 to 1",
        ),
        ('{"input": "a", "sentences": ["b", "c"], "label": -1}\n', "its label is -1"),
        ('{"input": "a", "sentences": ["b", "c"], "label": true}\n', "its label is True"),
    ],
)
def test_damage_is_named_with_its_line(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        read_opposites(write(tmp_path, content))
