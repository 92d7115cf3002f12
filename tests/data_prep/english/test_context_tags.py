"""Tags by the word, the tag before and the word behind."""

import math
from itertools import product

import pytest

from data_prep.english.context_tags import START, ContextTags
from data_prep.english.lexicon import Lexicon

VERB = [("they", "PRP"), ("run", "VB"), ("home", "RB")]
NOUN = [("the", "DT"), ("run", "NN"), ("ends", "VBZ")]
SENTENCES = [VERB, NOUN] * 10


def model(sentences) -> ContextTags:
    lexicon, _ = Lexicon.learn(sentences)
    return ContextTags(lexicon.counts, lexicon.following)


def tags(found: ContextTags, text: str) -> list[str]:
    return found.tags([found.word(form) for form in text.split()])


def test_the_tag_before_decides():
    found = model(SENTENCES)
    assert tags(found, "they run home") == ["PRP", "VB", "RB"]
    assert tags(found, "the run home")[1] == "NN"
    assert tags(found, "the run they run") == ["DT", "NN", "PRP", "VB"]


def test_the_word_behind_decides():
    """A run at the beginning of the sentence, which no sentence has taught."""
    found = model(SENTENCES)
    assert tags(found, "run home")[0] == "VB"
    assert tags(found, "run ends")[0] == "NN"


def test_tags_are_those_of_the_formula():
    """Slowly: weights of all pairs of tags, one word after the other."""
    lexicon, _ = Lexicon.learn([VERB * 3, NOUN * 4, [("run", "VBP"), ("run", "NN")] * 5] * 3)
    found = ContextTags(lexicon.counts, lexicon.following)
    totals = {t: sum(c[t] for c in lexicon.counts.values()) for t in lexicon.following if t}
    tokens = sum(totals.values())

    def lift(before, tag):
        seen, share = lexicon.following[before], totals[tag] / tokens
        return (seen[tag] + 3 * share) / (seen.total() + 3) / share

    def share(form, tag):
        return lexicon.counts[form][tag] / lexicon.counts[form].total()

    for forms in product(["they", "the", "run", "home"], repeat=3):
        before, expected = START, []
        for form, behind in zip(forms, (*forms[1:], None), strict=True):
            weights = {
                tag: share(form, tag)
                * lift(before, tag)
                * (1 if behind is None else sum(share(behind, t) * lift(tag, t) for t in totals))
                for tag in sorted(totals)
            }
            before = max(weights, key=weights.__getitem__)
            expected.append(before)
            others = [weights[tag] for tag in weights if tag != before]
            assert not math.isclose(weights[before], max(others))  # else the order would decide
        assert tags(found, " ".join(forms)) == expected


def test_unknown_forms_have_the_tags_of_rare_ones_that_look_alike():
    rare = [
        ("walking", "VBG"),
        ("singing", "VBG"),
        ("Paris", "NNP"),
        ("1961", "CD"),
        ("dogs", "NNS"),
    ]
    found = model([[pair] for pair in rare] * 3)
    words = ["jumping", "Berlin", "1984", "cats"]
    assert [tags(found, word) for word in words] == [["VBG"], ["NNP"], ["CD"], ["NNS"]]
    assert found.word("jumping") is found.word("playing")
    assert tags(found, "Singing") == ["VBG"]


@pytest.mark.parametrize(
    "form", ["\N{GRINNING FACE}", "a", "ß", "İi", "x" * 70_000, "12km", "-", "A.b"]
)
def test_any_form_has_a_tag(form):
    assert tags(model(SENTENCES), form)[0] in {"PRP", "VB", "RB", "DT", "NN", "VBZ"}


def test_no_words_have_no_tags():
    assert model(SENTENCES).tags([]) == []
