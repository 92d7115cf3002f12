"""Closest words: against a loop over all words, and the command."""

import json

import pytest
import torch
from fairseq.data import Dictionary

from data_prep.errors import InputError
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.evaluation import neighbours


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
    queries = neighbours.word_ids(["hate", "friend", "1990"], dictionary)
    is_word = torch.from_numpy(CandidateWords(dictionary).is_word)
    table = neighbours.embeddings(language_model)
    distances, ids = neighbours.nearest(table, queries, is_word, top=5)
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
    assert neighbours.word_ids(["hate", "▁friend", "ing"], dictionary) == [5, 4, 6]
    with pytest.raises(InputError, match="--words love blue: not in dict.txt"):
        neighbours.word_ids(["love", "hate", "blue"], dictionary)


def test_the_command(lm_checkpoints, lm_databin, tmp_path, run_main, capsys):
    report = tmp_path / "neighbors.json"
    paths = [f"{kind}={lm_checkpoints[kind]}" for kind in ("adaptive", "lstm")]
    options = ["--words", "hate", "like", "--top", 3, "--json", report]
    run_main(neighbours, *paths, "--data", lm_databin, *options)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["| word | adaptive | lstm |", "|---|---|---|"]
    checkpoints = json.loads(report.read_text())["checkpoints"]
    cells = [", ".join(checkpoint["distances"]["hate"]) for checkpoint in checkpoints]
    assert lines[2] == f"| **hate** | {' | '.join(cells)} |"
    distances = list(checkpoints[0]["distances"]["like"].values())
    assert len(distances) == 3 and distances == sorted(distances)


def test_bad_flags(lm_checkpoints, lm_databin, run_main):
    command = [neighbours, lm_checkpoints["lstm"], "--data", lm_databin]
    with pytest.raises(InputError, match="--words blue: not in dict.txt"):
        run_main(*command, "--words", "like", "blue")
    for top in (0, 15):
        with pytest.raises(InputError, match=f"--top {top}: .* the 15 complete words"):
            run_main(*command, "--words", "like", "--top", top)
