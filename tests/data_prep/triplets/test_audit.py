"""Replacements for a person to judge: what a row says, and how many there are of a kind."""

from collections import Counter

import pytest

from data_prep.files.text_units import Corpus
from data_prep.triplets.audit import Row, draw_replacements
from data_prep.triplets.generation import Setup, learn_lexicon
from data_prep.triplets.summary import KINDS
from data_prep.triplets.triplet_maker import TripletOptions


@pytest.fixture(scope="module")
def rows(text, sentencepiece_tokenizer, tmp_path_factory):
    corpus = Corpus([str(text)])
    lexicon = tmp_path_factory.mktemp("audit") / "lexicon"
    learn_lexicon(corpus, 2000, lexicon)
    options = TripletOptions(1, 64, "complete_doc", negations=0.2)
    return draw_replacements(
        Setup("lexicon", sentencepiece_tokenizer.folder, lexicon, options), "train", corpus, 60
    )


def test_as_many_of_each_kind(rows):
    kinds = Counter(row.kind for row in rows)
    assert set(KINDS) < set(kinds) and "negation" in kinds
    assert len(rows) == 60
    common = [kinds[kind] for kind in ("synonym", "inflection", "antonym", "random")]
    assert max(common) - min(common) <= 1


def test_a_row_can_be_judged(rows):
    for row in rows:
        assert row.verdict == "" and "\t" not in "".join(row)
        if row.kind in KINDS:
            assert f"[{row.word} > {row.replacement}]" in row.sentence
            assert row.sentence.count(" > ") == 1
    reasons = {row.kind: row.reason for row in rows}
    assert "% of the uses of" in reasons["synonym"] and "a form of " in reasons["inflection"]
    assert "a word of the corpus with the tag " in reasons["random"]
    assert Row._fields[0] == "verdict"
