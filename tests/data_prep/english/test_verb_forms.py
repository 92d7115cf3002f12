"""Forms of verbs: the base of an inflected form, and back."""

import pytest

from data_prep.english.inflection import forms
from data_prep.english.verb_forms import base_form


@pytest.mark.parametrize(
    ("word", "tag", "base"),
    [
        ("went", "VBD", "go"),
        ("lay", "VBD", "lie"),
        ("found", "VBD", "find"),
        ("travelled", "VBD", "travel"),
        ("goes", "VBZ", "go"),
        ("has", "VBZ", "have"),
        ("run", "VBP", "run"),
        ("blorped", "VBD", None),
        ("blorp", "VBP", None),
        ("dog's", "VBZ", None),
    ],
)
def test_base_of_a_form(word, tag, base):
    assert base_form(word, tag) == base
    assert base is None or word in forms(base, tag)


def test_an_unknown_verb_has_no_forms():
    assert forms("blorp", "VBD") == ()
