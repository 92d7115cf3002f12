import random
from collections import Counter

import pytest

from data_prep.english.lexicon import Lexicon, RandomWords
from data_prep.errors import InputError


def test_majority_tag_and_fall_back_to_lower_case():
    sentence = [("run", "NN"), ("run", "VB"), ("run", "VB"), ("The", "DT")]
    lexicon, _ = Lexicon.learn([sentence])
    assert [lexicon.tag(w) for w in ("run", "Run", "the", "nowhere")] == ["VB", "VB", "", ""]


def test_agreement_is_measured_on_unseen_sentences():
    """Nine sentences teach one tag; the tenth has another: no agreement, and it is learned after."""
    sentences = [[("run", "VB")]] * 9 + [[("run", "NN"), ("the", "DT")]]
    lexicon, agreement = Lexicon.learn(sentences)
    assert (agreement.tokens, agreement.fine) == (2, 0.0)
    assert agreement.content == 0.5  # "the" is no content word, whatever its tag
    assert lexicon.counts["run"] == Counter(VB=9, NN=1)


def test_saved_and_loaded(tmp_path):
    lexicon, _ = Lexicon.learn([[("b", "NN"), ("a", "VB"), ("b", "VB")]])
    path = tmp_path / "lexicon.tsv"
    lexicon.save(path)
    assert Lexicon.load(path).counts == lexicon.counts
    path.write_text("a\tNN\tmany\n")
    with pytest.raises(InputError, match="line 1"):
        Lexicon.load(path)


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
