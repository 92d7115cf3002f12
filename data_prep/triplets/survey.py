"""A look at the corpus before work begins: a spread sample, tagged by spaCy, gives the lexicon."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING

from data_prep.english.lexicon import Agreement, Lexicon
from data_prep.english.sentences import split_sentences
from data_prep.english.taggers import tag_sentences
from data_prep.files.progress import Bar
from data_prep.files.text_samples import sample_lines
from data_prep.files.text_units import STDIN, Corpus

if TYPE_CHECKING:
    from spacy.language import Language


def spread_lines(corpus: Corpus, words: int) -> Iterable[str]:
    """Lines of about ``words`` words from all over the corpus.

    Standard input cannot be read twice, so its beginning is the sample.
    """
    if STDIN in corpus.files:
        return chain.from_iterable(unit.lines for unit in corpus.beginning(words))
    return sample_lines(corpus.files, words)


def survey(nlp: Language, corpus: Corpus, words: int) -> tuple[Lexicon, Agreement]:
    """Tags about ``words`` words of the corpus and learns the lexicon, with a progress bar."""
    sentences = [s for line in spread_lines(corpus, words) if line for s in split_sentences(line)]
    bar = Bar(tag_sentences(nlp, sentences), "tagging a sample", len(sentences), unit="sent")
    return Lexicon.learn(bar)
