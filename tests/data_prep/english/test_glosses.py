"""WordNet's glosses: read from its files, and taken apart."""

from pathlib import Path

import pytest

from data_prep.english.glosses import noun_definitions, read_synsets, split_gloss
from data_prep.english.installed import wordnet_path


@pytest.mark.parametrize(
    ("gloss", "lines"),
    [
        ("a separate and self-contained entity", ["a separate and self-contained entity"]),
        (
            'a tangible entity; an entity; "it was full of balls"; "so was this"',
            ["a tangible entity; an entity", "it was full of balls", "so was this"],
        ),
        ('not anticipated; "lines of development"- H.W.Glidden; "unforeseen circumstances"',)
        + (["not anticipated", "lines of development", "unforeseen circumstances"],),
        (
            'assail on all sides: "The zebra was beset"',
            ["assail on all sides", "The zebra was beset"],
        ),
        ('reach a goal, e.g., "make the first team"', ["reach a goal", "make the first team"]),
        (
            'progress (especially in the phrase "make strides"); "they made big strides"',
            ['progress (especially in the phrase "make strides")', "they made big strides"],
        ),
        ('exact words (e.g., "he said `I am a fool\'")',)
        + (['exact words (e.g., "he said `I am a fool\'")'],),
        # Real glosses that lack a quotation mark.
        ('utter; "drop a hint"; drop names"', ["utter", "drop a hint", "drop names"]),
        (
            'of more parts; "several lobes; "flower heads"',
            ["of more parts", "several lobes", "flower heads"],
        ),
        ('close in; darkness enclosed him"', ["close in; darkness enclosed him"]),
    ],
)
def test_a_gloss_becomes_its_definition_and_its_examples(gloss, lines):
    assert split_gloss(gloss) == lines


def test_synsets_come_with_their_place_and_file():
    entity = next(read_synsets(Path(wordnet_path())))
    assert (entity.id, entity.file) == ("00001740-noun", "03")
    assert entity.gloss.startswith("that which is perceived or known or inferred")
    adverb = next(read_synsets(Path(wordnet_path()), ["adv"]))
    assert adverb.pos == "adv"


def test_nouns_have_topics():
    found = list(noun_definitions())
    assert len(found) == 82_115  # of WordNet 3.0
    assert ("animal", "a young dog") in found
    assert len({topic for topic, _ in found}) == 26
