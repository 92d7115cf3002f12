import pytest

from data_prep.english import expressions
from data_prep.english.expressions import Link, places_in_expressions


def places(*words: str | tuple[str, ...]) -> set[int]:
    """A mark before or behind a word is a part of its chunk."""
    links = []
    for forms in words:
        first, *others = (forms,) if isinstance(forms, str) else forms
        core = first.strip("(,.")
        before, after = first.split(core) if core else (first, "")
        links.append(Link(before, (core, *others), after))
    return places_in_expressions(links)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (["it", ("took", "take"), "place", "today"], {1, 2}),
        (["in", "order", "to", "win"], {0, 1, 2}),
        (["as", "well", "as", "cats"], {0, 1, 2}),
        (["ten", "per", "cent", "more"], {1, 2}),
        (["rather", "than", "go"], {0, 1}),
        (["(of", "course,", "not"], {0, 1}),  # marks around it
        (
            [("standing", "stand"), "in", "front", "of", "it"],
            {0, 1, 2, 3},
        ),  # "stand in", "in front of"
        (["it", ("took", "take"), "(place"], set()),  # a mark in it
        (["he", ("took,", "take"), "place"], set()),
        (["a", "young", "man"], set()),  # what its words mean
        (["hot", "dog"], {0, 1}),
        (["course"], set()),
        ([], set()),
    ],
)
def test_places(sentence, expected):
    assert places(*sentence) == expected


def test_a_word_and_its_lemma_may_begin_expressions_with_the_same_second_word(monkeypatch):
    known = {"left": {"hand": ((),)}, "leave": {"hand": (("over",),)}}
    monkeypatch.setattr(expressions, "_expressions", lambda: known)
    assert places(("left", "leave"), "hand", "side") == {0, 1}
    assert places(("left", "leave"), "hand", "over") == {0, 1, 2}
