"""A change of the triplets cannot be forgotten: the number of the generator goes with them."""

import hashlib
from collections import Counter

import pytest

from data_prep.english.lexicon import Lexicon
from data_prep.english.negation import Negation, load_parser_model
from data_prep.english.random_words import RandomWords
from data_prep.english.sentences import split_sentences
from data_prep.english.taggers import LexiconTagger, SpacyTagger, load_tagger_model, tag_sentences
from data_prep.files.text_units import Unit
from data_prep.triplets.databin_maker import GENERATOR
from data_prep.triplets.summary import show
from data_prep.triplets.triplet_maker import TripletMaker, TripletOptions

EXPECTED = {
    "shares": "02e20276fe680f22",
    "lexicon": "02e20276fe680f22",  # learned from these lines, it tags them as spaCy does
    "one_word": "90b80efe4de85ff9",
    "negations": "3e40044af87d9bee",
}
NUMBER = 5

TEXT = """\
The old man walked slowly across the frozen lake, and his dogs were happy. He didn't look back.
in order to win, she said, you must not be afraid of losing. the cat's owner is rich.
A large crowd of people is sitting outside the house! "Is it open?" It was not impossible.

Dr. Smith's children began to cry because the movie wasn't funny. Few films are as boring as this.
The government increased taxes last year, of course, but the poor paid less than the rich.
Two women buy fresh vegetables at a market; one of them sells flowers, too. They are not thin.
"""


@pytest.mark.parametrize("name", EXPECTED)
def test_the_number_goes_with_the_triplets(name, sentencepiece_tokenizer):
    nlp = load_tagger_model()
    lines = TEXT.split("\n")
    sentences = [s for line in lines if line for s in split_sentences(line)]
    lexicon = Lexicon.learn([*tag_sentences(nlp, sentences)] * 10)[0]
    tagger = LexiconTagger(nlp, lexicon) if name == "lexicon" else SpacyTagger(nlp)
    options = TripletOptions(
        1,
        64,
        "eos" if name == "one_word" else "complete_doc",
        one_word=name == "one_word",
        negations=0.5 * (name == "negations"),
    )
    negation = Negation(load_parser_model()) if name == "negations" else None
    maker = TripletMaker(
        tagger, sentencepiece_tokenizer.encoder, RandomWords(lexicon), options, negation
    )
    blocks = maker.blocks("train", Unit(0, lines * 3, 0, ""), Counter())
    shown = "\n".join(show(maker.versions(block)) for block in blocks)
    found = hashlib.sha256(shown.encode()).hexdigest()[:16]
    assert (found, GENERATOR) == (EXPECTED[name], NUMBER), (
        "other triplets than before: if that is meant, raise GENERATOR in "
        f"data_prep/triplets/databin_maker.py and write {found!r} and the new number here"
    )
