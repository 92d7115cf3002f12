from collections import Counter

import pytest

from data_prep.english.lexicon import Lexicon
from data_prep.errors import InputError

TO_RUN = [("to", "TO"), ("run", "VB")]
A_RUN = [("a", "DT"), ("run", "NN")]


def test_words_are_counted_with_their_tags_and_the_tag_before():
    lexicon, _ = Lexicon.learn([TO_RUN, A_RUN, A_RUN])
    assert lexicon.counts["run"] == Counter(NN=2, VB=1)
    assert lexicon.following == {
        "": Counter(DT=2, TO=1),
        "TO": Counter(VB=1),
        "DT": Counter(NN=2),
    }


def test_agreement_is_measured_on_unseen_sentences():
    """Nine sentences teach one tag; the tenth has another: no agreement, and it is learned after."""
    sentences = [[("run", "VB")]] * 9 + [[("run", "NN"), ("the", "DT")]]
    lexicon, agreement = Lexicon.learn(sentences)
    assert (agreement.tokens, agreement.fine) == (2, 0.0)
    assert agreement.content == 0.0  # "the" is unknown there, so it is taken for a verb
    assert lexicon.counts["run"] == Counter(VB=9, NN=1)


def test_agreement_counts_tags_and_verdicts_apart():
    lexicon, _ = Lexicon.learn([[("the", "DT"), ("London", "NNP"), ("dog", "NN")]] * 20)
    agreement = lexicon.agreement([[("the", "PDT"), ("London", "NN"), ("dog", "NN")]])
    assert (agreement.tokens, agreement.fine) == (3, 1 / 3)
    assert agreement.content == 2 / 3  # "the" is no content word, whatever its tag


def test_saved_and_loaded(tmp_path):
    lexicon, _ = Lexicon.learn([TO_RUN, A_RUN, [("b", "NN"), ("\N{BOM}", "SYM")]])
    path = tmp_path / "lexicon.tsv"
    lexicon.save(path)
    loaded = Lexicon.load(path)
    assert (loaded.counts, loaded.following) == (lexicon.counts, lexicon.following)
    again = tmp_path / "again.tsv"
    loaded.save(again)
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "line",
    ["a\tNN\tmany", "a\tNN\t0", "a\tNN\t²", "a\tNN\t-1", "a\t\t3", "a\tNN", "a\tb\tNN\t3", "\tNN\t3", ""]
    + ["a\tNN\t" + "9" * 5000],
)  # fmt: skip
def test_a_damaged_file_is_one_line(tmp_path, line):
    path = tmp_path / "lexicon.tsv"
    path.write_text(f"\t\tNN\t1\na\tNN\t1\n{line}\n")
    with pytest.raises(InputError, match=r"lexicon\.tsv, line 3: not form<TAB>tag<TAB>count"):
        Lexicon.load(path)


@pytest.mark.parametrize("text", ["", "a\tNN\t1\n", "\t\tNN\t1\n"])
def test_a_file_without_words_or_without_transitions_is_refused(tmp_path, text):
    path = tmp_path / "lexicon.tsv"
    path.write_text(text)
    with pytest.raises(InputError, match="no words with tags"):
        Lexicon.load(path)
