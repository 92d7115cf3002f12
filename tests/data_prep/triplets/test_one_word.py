"""Triplets that differ in one word: on real text and real tags."""

from collections import Counter

import numpy as np
import pytest

from data_prep.english.random_words import RandomWords
from data_prep.english.substitutes import find_substitutes
from data_prep.english.taggers import SpacyTagger, load_tagger_model
from data_prep.errors import InputError
from data_prep.files.text_units import Corpus, Unit
from data_prep.triplets.survey import survey
from data_prep.triplets.triplet_maker import TripletMaker, TripletOptions


@pytest.fixture(scope="module")
def nlp():
    return load_tagger_model()


@pytest.fixture
def make(nlp, text, tokenizer):
    """A maker with either tokenizer."""
    words = RandomWords(survey(nlp, Corpus([str(text)]), 2000)[0])

    def build(seed=1, tokens_per_sample=512):
        options = TripletOptions(seed, tokens_per_sample, "eos", one_word=True)
        return TripletMaker(SpacyTagger(nlp), tokenizer.encoder, words, options)

    return build


@pytest.fixture
def unit(glosses) -> Unit:
    lines = [" ".join(line.split()) for document in glosses[::15] for line in document]
    return Unit(0, lines, 0, "")


def replaced(maker, block):
    """Lists of (place, old word, new word), in lower case: of the synonym and the antonym version."""
    original, *others = maker.versions(block)
    found = []
    for version in others:
        changes = [i for i, chunk in enumerate(version) if chunk is not original[i]]
        words = []
        for place in changes:
            old, new = original[place].text, version[place]
            begin, end = new.span
            tail = len(new.text) - end
            words.append((place, old[begin : len(old) - tail].lower(), new.text[begin:end].lower()))
        found.append(words)
    return found


def test_one_word_becomes_a_synonym_and_one_an_antonym(make, unit):
    maker, stats = make(), Counter()
    blocks = list(maker.blocks("test", unit, stats))
    assert len(blocks) > 50
    same = 0
    for block in blocks:
        [(kept_at, *kept)], [(changed_at, *changed)] = replaced(maker, block)
        same += kept_at == changed_at
        for (old, new), kind in ((kept, "synonyms"), (changed, "antonyms")):
            tags = ("NN", "NNS", "VB", "VBD", "VBG", "VBN", "VBP", "VBZ")
            tags += ("JJ", "JJR", "JJS", "RB", "RBR", "RBS")
            known = filter(None, (find_substitutes(old, tag) for tag in tags))
            assert any(new in getattr(substitutes, kind) for substitutes in known)
    assert same > len(blocks) / 3
    assert stats["synonym"] == stats["antonym"] == stats["blocks"] == len(blocks)
    assert stats["hypernym"] == stats["inflection"] == stats["random"] == 0
    assert stats["blocks"] + stats["blocks_without_replacement"] == len(unit.lines)


@pytest.mark.parametrize("seed", range(5))
def test_a_word_that_has_both_is_preferred(make, seed):
    # "big" and "man" have both; drawn apart, the two places would differ for some seed.
    maker = make(seed)
    block = next(maker.blocks("test", Unit(0, ["The big dog saw a man."], 0, ""), Counter()))
    [(kept, *_)], [(changed, *_)] = replaced(maker, block)
    assert kept == changed


def test_the_seed_decides(make, unit):
    one, same, other = (make(seed)("test", unit) for seed in (1, 1, 2))
    for version in ("syn", "ant"):
        np.testing.assert_array_equal(one.ids[version], same.ids[version])
        assert not np.array_equal(one.ids[version], other.ids[version])


def test_a_line_that_is_cut_is_one_triplet_with_one_word_replaced(make):
    lines = ["The big dog sleeps well and the small cat eats good fish, as ever. " * 4]
    stats, maker = Counter(), make(tokens_per_sample=80)
    blocks = list(maker.blocks("test", Unit(0, lines, 0, ""), stats))
    assert stats["sentences_split"] > 0
    for block in blocks:
        assert [len(words) for words in replaced(maker, block)] == [1, 1]


def test_lines_are_asked_for():
    with pytest.raises(InputError, match="--one-word .* give --sample-break-mode eos"):
        TripletOptions(1, 512, "complete_doc", one_word=True)
