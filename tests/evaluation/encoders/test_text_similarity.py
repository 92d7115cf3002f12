"""Figures of similarity, by vectors that are known, against slow and obvious versions."""

import math

import numpy as np
import pytest
import real_encoder
import torch
from scipy.stats import spearmanr

from fairseq_cline.evaluation.encoders import text_similarity
from fairseq_cline.evaluation.encoders.opposites_files import Choice, Opposites
from fairseq_cline.evaluation.encoders.sts_files import ScoredPair, ScoredPairs
from fairseq_cline.evaluation.encoders.text_similarity import (
    SimilaritySets,
    measure_similarity,
    table,
)
from fairseq_cline.pretrained.imported_encoder import import_encoder

minilm = real_encoder.minilm


def vector(sentence: str) -> np.ndarray:
    """A vector that depends on the letters of a sentence, whatever their order."""
    rng = np.random.default_rng([len(sentence), *sorted(sentence.encode())])
    return rng.normal(size=8)


def cosine(first: str, second: str) -> float:
    a, b = vector(first), vector(second)
    return float(a @ b / math.sqrt((a @ a) * (b @ b)))


class ToyEncoder:
    """Gives `vector` as the mean, and one vector for all as [CLS]; in two chunks."""

    asked = ()

    def __init__(self, path, tokenizer=None, device="cpu"):
        self.checkpoint, self.feature, self.cut = path, "mean", 3

    def features(self, sentences, progress):
        type(self).asked = sentences
        half = len(sentences) // 2
        for some in (sentences[:half], sentences[half:]):
            mean = torch.tensor(np.array([vector(s) for s in some]), dtype=torch.float32)
            yield {"mean": mean, "cls": torch.ones(len(some), 8)}


@pytest.fixture
def measure(tmp_path, monkeypatch):
    """Measures the toy encoder: `measure(sts={...}, opposites={...})`."""
    path = tmp_path / "toy.pt"
    path.write_text("toy")
    monkeypatch.setattr(text_similarity, "Encoder", ToyEncoder)
    return lambda **sets: measure_similarity(str(path), SimilaritySets(**sets), progress=False)


PAIRS = [ScoredPair(f"s{k}", f"t{k * k}", float(k % 6)) for k in range(40)]
CHOICES = [Choice(f"s{k}", (f"a{k}", f"b{k}", f"c{k}"), k % 3) for k in range(30)]


def test_spearman_of_all_and_of_each_part(measure):
    parts = {"first": slice(0, 15), "second": slice(15, 40)}
    scored = measure(sts={"x": ScoredPairs(PAIRS, parts, "0")}).features["mean"].sts["x"]
    cosines = [cosine(pair.first, pair.second) for pair in PAIRS]
    gold = [pair.score for pair in PAIRS]
    assert scored.score.value == pytest.approx(100 * spearmanr(cosines, gold).statistic, abs=1e-3)
    for name, part in parts.items():
        expected = 100 * spearmanr(cosines[part], gold[part]).statistic
        assert scored.parts[name].value == pytest.approx(expected, abs=1e-3)
    rng = np.random.default_rng(7)
    resampled = []
    for _ in range(400):
        drawn = rng.integers(40, size=40)
        resampled.append(spearmanr(np.array(cosines)[drawn], np.array(gold)[drawn]).statistic)
    assert scored.score.standard_error == pytest.approx(100 * np.std(resampled), rel=0.2)


def test_choices_among_several(measure):
    found = measure(opposites={"x": Opposites(CHOICES, [], "0")}).features["mean"].opposites["x"]
    hits = [
        max(choice.others, key=lambda other: cosine(choice.sentence, other))
        == choice.others[choice.same]
        for choice in CHOICES
    ]
    share = sum(hits) / len(hits)
    assert 0 < share < 1 and found.score.value == pytest.approx(100 * share)
    error = 100 * math.sqrt(share * (1 - share) / len(hits))
    assert found.score.standard_error == pytest.approx(error)


def test_a_tie_is_a_miss(measure):
    """Equal letters give equal vectors; [CLS] is the same for all."""
    choices = [Choice("abc", ("bca", "cab"), 0), Choice("abc", ("bca", "xyz"), 0)]
    found = measure(opposites={"x": Opposites(choices, [], "0")}).features
    assert found["mean"].opposites["x"].score.value == 50.0
    assert found["cls"].opposites["x"].score.value == 0.0


def test_mean_cosine_of_negations(measure):
    pairs = [("it is", "it is not"), ("I do", "I do not"), ("so", "os")]
    found = measure(opposites={"x": Opposites([], pairs, "0")}).features["mean"].negations["x"]
    cosines = [cosine(*pair) for pair in pairs]
    assert found.score.value == pytest.approx(100 * np.mean(cosines), abs=1e-3)
    error = 100 * np.std(cosines, ddof=1) / math.sqrt(3)
    assert found.score.standard_error == pytest.approx(error, abs=1e-3)


def test_a_sentence_is_encoded_once(measure):
    opposites = {"x": Opposites([Choice("s1", ("t1", "s2"), 0)], [], "0")}
    found = measure(sts={"x": ScoredPairs(PAIRS, {}, "0")}, opposites=opposites)
    assert found.cut == 3
    assert len(ToyEncoder.asked) == len({*ToyEncoder.asked}) == 80


def test_the_table_says_what_the_figures_are(measure):
    parts = {"news": slice(0, 40)}
    sets = {
        "sts": {"STS12": ScoredPairs(PAIRS, parts, "0")},
        "opposites": {
            "three": Opposites(CHOICES, [], "0"),
            "not": Opposites([], [("it is", "it is not")], "0"),
        },
    }
    lines = table([measure(**sets)], SimilaritySets(**sets)).splitlines()
    head, sts, news, three, negated, *_ = (line.split() for line in lines)
    assert head == ["checkpoint", "measure", "set", "sentences", "[CLS]", "mean"]
    assert sts[:4] == ["toy.pt", "STS", "STS12", "40"] and news[0] == "news"
    assert three[:4] == ["toy.pt", "opposites", "three", "30"]
    assert negated[:4] == ["toy.pt", "negations", "not", "1"]
    assert sum("a guess: 33.3" in line for line in lines) == 1
    assert lines[-1] == "meant to be read by: toy.pt: mean"


GRADED = [
    ScoredPair("A girl reads a book.", "A girl is reading a novel.", 4.4),
    ScoredPair("Two dogs run on the beach.", "Two dogs are running by the sea.", 4.2),
    ScoredPair("He cooks rice in a pot.", "A man boils rice.", 3.9),
    ScoredPair("The bank raised its rates.", "Interest rates went up.", 3.3),
    ScoredPair("A child plays the piano.", "A boy plays the guitar.", 2.1),
    ScoredPair("The train left late.", "The bus was on time.", 1.5),
    ScoredPair("A cat sleeps on the sofa.", "A dog barks in the yard.", 0.9),
    ScoredPair("She paints the fence.", "The court heard the case.", 0.1),
]


def test_the_real_encoder(minilm, tmp_path):
    """Its mean ranks these pairs as the original library does, and nearly as people do."""
    import_encoder(minilm, tmp_path / "encoder")
    sets = SimilaritySets(sts={"x": ScoredPairs(GRADED, {}, "0")})
    found = measure_similarity(str(tmp_path / "encoder"), sets, progress=False)
    assert found.feature == "mean"
    library = pytest.importorskip("sentence_transformers")
    original = library.SentenceTransformer(str(minilm), device="cpu")
    first, second = (
        original.encode([getattr(pair, which) for pair in GRADED]) for which in ("first", "second")
    )
    expected = spearmanr((first * second).sum(1), [pair.score for pair in GRADED]).statistic
    value = found.features["mean"].sts["x"].score.value
    assert value == pytest.approx(100 * expected) and value > 90
