"""Pairs of definitions: their scores, and that a seed fixes them."""

import subprocess
import sys
from collections import defaultdict

import pytest
from nltk.corpus.reader.wordnet import Synset

from data_prep.english.definition_pairs import definition_pairs, write_pairs
from data_prep.english.glosses import split_gloss
from data_prep.english.wordnet import open_wordnet


def distance(starts: set[Synset], goals: set[Synset]) -> int:
    """Edges between two nouns, by a search over WordNet's relations."""
    edges = 0
    while not starts & goals:
        starts = starts | {
            other
            for noun in starts
            for related in (
                *(noun.hypernyms(), noun.instance_hypernyms()),
                *(noun.hyponyms(), noun.instance_hyponyms()),
            )
            for other in related
        }
        edges += 1
    return edges


def test_the_score_follows_from_the_shortest_path():
    pairs = [*definition_pairs(30, seed=5)]
    near = [pair for pair in pairs if pair[2] > 1][:4]  # the search for distant ones takes long
    assert len(near) == 4
    nouns = defaultdict(set)  # several nouns may have one definition
    for noun in open_wordnet().all_synsets("n"):
        nouns[split_gloss(noun.definition())[0]].add(noun)
    for first, second, score in near:
        assert score == pytest.approx(5 / (1 + distance(nouns[first], nouns[second])))


def test_near_and_distant_pairs_are_both_frequent():
    scores = [score for *_, score in definition_pairs(200, seed=1)]
    assert all(0 < score <= 2.5 for score in scores)
    for low, high in ((0, 0.6), (0.6, 1.5), (1.5, 2.5)):
        assert sum(low < score <= high for score in scores) > 30


@pytest.mark.binaries
def test_a_seed_fixes_the_file_in_every_process(tmp_path):
    write_pairs(tmp_path / "a.csv", count=25, seed=3)
    write_pairs(tmp_path / "b.csv", count=25, seed=4)
    code = (
        "import sys, pathlib; from data_prep.english.definition_pairs import write_pairs; "
        "write_pairs(pathlib.Path(sys.argv[1]), count=25, seed=3)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "c.csv")], check=True)
    first, other, again = ((tmp_path / f"{name}.csv").read_bytes() for name in "abc")
    assert first == again != other
