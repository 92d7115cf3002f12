"""Triplets of a negated sentence: what is marked, what is counted, how many there are."""

from collections import Counter

import numpy as np
import pytest
from toy_tokenizers import bare

from data_prep.english.lexicon import Lexicon
from data_prep.english.negation import Negation, load_parser_model
from data_prep.english.random_words import RandomWords
from data_prep.english.taggers import SpacyTagger, load_tagger_model
from data_prep.errors import InputError
from data_prep.files.text_units import Corpus, Unit
from data_prep.triplets.chunks import GONE
from data_prep.triplets.summary import describe, show
from data_prep.triplets.survey import survey
from data_prep.triplets.triplet_maker import TripletMaker, TripletOptions

LINES = [
    "You are not thin. He went home. The dog did not sleep here.",
    "The children are healthy. She sings well. The door is open.",
    "The old man has a small dog. It is not impossible.",
] * 20
PLAIN = ["He went home. The dog did not sleep here. She sings well."] * 20


@pytest.fixture(scope="module")
def nlp():
    return load_tagger_model()


@pytest.fixture(scope="module")
def negation():
    return Negation(load_parser_model())


@pytest.fixture
def make(nlp, text, negation):
    words = RandomWords(survey(nlp, Corpus([str(text)]), 2000)[0])

    def build(encoder, share=0.5, tokens_per_sample=40):
        options = TripletOptions(1, tokens_per_sample, "complete", negations=share)
        return TripletMaker(SpacyTagger(nlp), encoder, words, options, negation)

    return build


def texts(version):
    return " ".join(chunk.text for chunk in version if chunk is not GONE)


def negated(maker, stats, lines=LINES):
    """The versions of each negated block, as chunks."""
    found = []
    for block in maker.blocks("train", Unit(0, lines, 0, ""), stats):
        versions = maker.versions(block)
        if "negation" in block[0].changed.values():
            found.append(versions)
    return found


def test_one_sentence_says_the_opposite_and_nothing_else_changes(make, tokenizer):
    stats = Counter()
    maker = make(tokenizer.encoder)
    seen = {(texts(ori), texts(ant)) for ori, _, ant in negated(maker, stats, PLAIN)}
    assert ("He went home.", "He did not go home.") in seen
    assert ("The dog did not sleep here.", "The dog slept here.") in seen
    assert stats["blocks_negated"] > 5 and not stats["blocks_turned"]


def test_a_predicate_turned_round_keeps_the_meaning(make, tokenizer):
    stats = Counter()
    seen = {tuple(map(texts, versions)) for versions in negated(make(tokenizer.encoder), stats)}
    opposites = {antonym for original, _, antonym in seen if original == "You are not thin."}
    assert opposites and opposites <= {"You are thin.", "You are not fat."}
    kept = {(original, synonym) for original, synonym, _ in seen}
    assert ("You are not thin.", "You are fat.") in kept
    assert ("The children are healthy.", "The children are not unhealthy.") in kept
    assert 0 < stats["blocks_turned"] <= stats["blocks_negated"]
    assert f"in {stats['blocks_turned']} of them it keeps its meaning" in describe("train", stats)


def test_labels_are_those_of_what_is_new(make, any_tokenizer):
    """Every tokenizer: spaces in what an edit puts in, chunks that are gone, the first place."""
    encoder = any_tokenizer.encoder
    maker = make(encoder)
    stored = maker("train", Unit(0, LINES, 0, ""))
    blocks = [*maker.blocks("train", Unit(0, LINES, 0, ""), Counter())]
    labels = np.split(stored.labels["ant"], np.cumsum(stored.sizes["ant"])[:-1])
    tokens = np.split(stored.ids["ant"], np.cumsum(stored.sizes["ant"])[:-1])
    checked = 0
    for block, ids, flags in zip(blocks, tokens, labels, strict=True):
        antonym = maker.versions(block)[2]
        expected = [*encoder.encode_texts([texts(antonym)])[0], encoder.dictionary.eos()]
        assert ids.tolist() == expected
        if "negation" not in block[0].changed.values():
            continue
        new = [
            chunk.text[slice(*chunk.span)]
            for place, chunk in enumerate(antonym)
            if place in block[0].changed
        ]
        marked = ids[flags == 1].tolist()
        if encoder.dictionary.unk() not in marked:
            assert bare(encoder.decode(marked)) == bare("".join(new)) != ""
            checked += 1
    assert checked > 10


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_the_share_is_met(make, tokenizer, share):
    stats = Counter()
    negated(make(tokenizer.encoder, share), stats)
    assert stats["blocks_negated"] / stats["blocks"] == pytest.approx(share, abs=0.05)


def test_other_sentences_and_their_blocks_stay_what_they_were(make, tokenizer):
    """A sentence leaves its block; none is lost or doubled."""
    maker = make(tokenizer.encoder, tokens_per_sample=512)
    originals = [
        chunk.text
        for block in maker.blocks("train", Unit(0, LINES, 0, ""), Counter())
        for chunk in maker.versions(block)[0]
    ]
    assert Counter(originals) == Counter(" ".join(LINES).split())


def test_sentences_with_a_predicate_to_turn_round_come_first(make, tokenizer):
    stats = Counter()
    found = {texts(ori) for ori, _, _ in negated(make(tokenizer.encoder, 0.1), stats)}
    assert found <= {
        "You are not thin.",
        "The children are healthy.",
        "The door is open.",
        "It is not impossible.",
    }


def test_what_is_shown(make, tokenizer):
    for versions in negated(make(tokenizer.encoder), Counter(), PLAIN):
        original, _, antonym = show(versions).splitlines()
        if original.endswith("did not sleep here."):
            assert antonym.endswith("The dog [did not sleep > slept] here.")
            break
    else:
        raise AssertionError("never negated")


def test_a_share_needs_what_finds_the_clauses(nlp, tokenizer):
    options = TripletOptions(1, 64, "complete", negations=0.1)
    words = RandomWords(Lexicon())
    with pytest.raises(ValueError, match="needs what finds them"):
        TripletMaker(SpacyTagger(nlp), tokenizer.encoder, words, options)


def test_one_word_triplets_have_no_negations():
    with pytest.raises(InputError, match="leave out --negations"):
        TripletOptions(1, 64, "eos", one_word=True, negations=0.1)
