"""Closest words: against a loop over all words."""

import pytest
import torch
from fairseq.data import Dictionary

from data_prep.errors import InputError
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.evaluation.language_models import nearest_words


def slow_distances(language_model, query):
    """Distance of every word to one, from one embedding at a time."""
    dictionary = language_model.task.dictionary
    words = CandidateWords(dictionary)
    layer = language_model.embedding_layer

    def vector(index):
        return layer(torch.tensor([[index]]))[0, 0].double()

    found = {}
    for index, symbol in enumerate(dictionary.symbols):
        if words.kind(symbol) == "word" and index != query:
            difference = vector(query) - vector(index)
            found[index] = sum(float(d) ** 2 for d in difference) ** 0.5
    return found


def test_the_closest_words_are_those_of_a_loop(language_model):
    dictionary = language_model.task.dictionary
    queries = nearest_words.word_ids(["hate", "friend", "1990"], dictionary)
    is_word = torch.from_numpy(CandidateWords(dictionary).is_word)
    table = nearest_words.embeddings(language_model)
    distances, ids = nearest_words.nearest(table, queries, is_word, top=5)
    for row, query in enumerate(queries):
        expected = slow_distances(language_model, query)
        assert distances[row].tolist() == pytest.approx(sorted(expected.values())[:5], abs=1e-5)
        # Two words of an untrained adaptive input have one embedding: either may come first.
        found = [expected[index] for index in ids[row].tolist()]
        assert distances[row].tolist() == pytest.approx(found, abs=1e-5)
        assert len(set(ids[row].tolist())) == 5


def test_words_of_sentencepiece_are_found_by_their_text():
    dictionary = Dictionary()
    for symbol in ("▁friend", "▁hate", "ing", "▁"):
        dictionary.add_symbol(symbol)
    assert nearest_words.word_ids(["hate", "▁friend", "ing"], dictionary) == [5, 4, 6]
    with pytest.raises(InputError, match="--words love, blue: not in dict.txt"):
        nearest_words.word_ids(["love", "hate", "blue"], dictionary)
