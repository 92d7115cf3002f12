import random
from collections import Counter

import pytest

from data_prep.english.lexicon import Lexicon
from data_prep.english.random_words import RandomWords
from data_prep.english.substitutes import word_class


def test_random_words_follow_the_corpus():
    tagged = [("dog", "NN")] * 30 + [("cat", "NN")] * 10 + [("is", "VBZ"), ("cats", "NNS")]
    words = RandomWords(Lexicon.learn([tagged])[0])
    rng = random.Random(1)
    drawn = Counter(words.draw("NN", frozenset(), rng) for _ in range(4000))
    assert set(drawn) == {"dog", "cat"}
    assert drawn["dog"] / 4000 == pytest.approx(0.75, abs=0.03)
    assert {words.draw("NN", frozenset({"dog"}), rng) for _ in range(20)} <= {"cat", None}
    assert not any(name.startswith("VBZ") for name in words._words)  # "is" is no content word
    assert words.draw("NN", frozenset({"dog", "cat"}), rng) is None


def test_only_words_that_a_reader_knows_are_drawn():
    """Mistaken tags, rare words and insults are in every corpus."""
    odd = [("sovy", "NN"), ("xanthous", "JJ"), ("such", "JJ"), ("fag", "NN"), ("ab", "NN")]
    tagged = [*odd, ("dog", "NN"), ("red", "JJ"), ("barked", "VBD")]
    words = RandomWords(Lexicon.learn([tagged] * 20)[0])
    rng = random.Random(1)
    drawn = {tag: {words.draw(tag, frozenset(), rng) for _ in range(200)} for tag in ("NN", "JJ")}
    assert drawn == {"NN": {"dog"}, "JJ": {"red"}}
    without = RandomWords(Lexicon.learn([tagged] * 20)[0], frozenset({"dog"}))
    assert without.draw("NN", frozenset(), rng) is None


def test_verbs_take_the_same_complements():
    """ "He gave", for "he reigned", is no sentence."""
    tagged = [("slept", "VBD"), ("reigned", "VBD"), ("destroyed", "VBD"), ("repaired", "VBD")]
    words = RandomWords(Lexicon.learn([tagged] * 20)[0])
    rng = random.Random(1)
    for verb, other in (("slept", "reigned"), ("destroyed", "repaired")):
        drawn = {words.draw(word_class(verb, "VBD"), frozenset({verb}), rng) for _ in range(99)}
        assert drawn - {None} == {other}
