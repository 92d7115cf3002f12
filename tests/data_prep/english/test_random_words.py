import random
from collections import Counter

import pytest

from data_prep.english.lexicon import Lexicon
from data_prep.english.random_words import RandomWords


def test_random_words_follow_the_corpus():
    tagged = [("dog", "NN")] * 30 + [("cat", "NN")] * 10 + [("is", "VBZ"), ("cats", "NNS")]
    words = RandomWords(Lexicon.learn([tagged])[0])
    rng = random.Random(1)
    drawn = Counter(words.draw("NN", frozenset(), rng) for _ in range(4000))
    assert set(drawn) == {"dog", "cat"}
    assert drawn["dog"] / 4000 == pytest.approx(0.75, abs=0.03)
    assert {words.draw("NN", frozenset({"dog"}), rng) for _ in range(20)} <= {"cat", None}
    assert words.draw("VBZ", frozenset(), rng) is None  # "is" is no content word
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
