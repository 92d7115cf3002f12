"""The metrics against slow versions written from their definitions."""

import math

import pytest
import torch

from fairseq_cline.evaluation.encoders import similarities

LAYERS, TRIPLETS, CHANNELS = 3, 17, 5


@pytest.fixture
def sentences():
    torch.manual_seed(0)
    return torch.randn(3, LAYERS, TRIPLETS, CHANNELS)


def slow_cosine(a, b):
    a, b = a.double().tolist(), b.double().tolist()
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def test_hits_by_layer(sentences):
    hits = similarities.hits_by_layer(*sentences)
    assert hits.shape == (LAYERS, TRIPLETS)
    for layer in range(LAYERS):
        for item in range(TRIPLETS):
            original, synonym, antonym = sentences[:, layer, item]
            expected = slow_cosine(original, synonym) > slow_cosine(original, antonym)
            assert hits[layer, item] == expected


def test_hits_depend_on_direction_only(sentences):
    lengths = torch.rand(3, LAYERS, TRIPLETS, 1) + 0.1
    hits = similarities.hits_by_layer(*sentences)
    assert torch.equal(hits, similarities.hits_by_layer(*(sentences * lengths)))


def test_swapping_synonym_and_antonym_turns_hits_into_misses(sentences):
    original, synonym, antonym = sentences
    hits = similarities.hits_by_layer(original, synonym, antonym)
    assert torch.equal(hits, ~similarities.hits_by_layer(original, antonym, synonym))


@pytest.mark.parametrize("metric", [similarities.hits_by_layer, similarities.contrastive_hits])
def test_a_tie_is_a_miss(sentences, metric):
    original, synonym, _ = sentences
    assert not metric(original, synonym, synonym).any()


def test_differences_below_float32_count():
    """The cosines are 1 - 2e-10 and 1 - 8e-10: both are 1 in float32."""
    original = torch.tensor([[[1.0, 0.0]]])
    synonym, antonym = torch.tensor([[[1.0, 2e-5]]]), torch.tensor([[[1.0, 4e-5]]])
    assert similarities.hits_by_layer(original, synonym, antonym).all()


def test_contrastive_hits_use_dot_products():
    original = torch.tensor([[1.0, 0.0]])
    near, long = torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0, 9.0]])
    assert similarities.contrastive_hits(original, long, near).all()
    assert not similarities.contrastive_hits(original, near, long).any()


def test_confusion_counts_only_what_is_counted():
    predicted = torch.tensor([[1, 1, 0, 0], [1, 1, 0, 1]]).bool()
    actual = torch.tensor([[1, 0, 1, 0], [1, 0, 1, 1]]).bool()
    counted = torch.tensor([[1, 1, 1, 1], [0, 0, 0, 1]]).bool()
    assert similarities.confusion(predicted, actual, counted).tolist() == [2, 1, 1]


@pytest.mark.parametrize(
    "counts, expected",
    [
        ((6, 2, 4), (0.75, 0.6, 2 / 3)),
        ((5, 0, 0), (1.0, 1.0, 1.0)),
        ((0, 0, 7), (0.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
    ],
)
def test_precision_recall_f1(counts, expected):
    assert similarities.precision_recall_f1(*counts) == pytest.approx(expected)
    precision, recall, f1 = expected
    if precision + recall:
        assert f1 == pytest.approx(2 * precision * recall / (precision + recall))


def test_standard_error():
    assert similarities.standard_error(0.5, 100) == pytest.approx(0.05)
    assert similarities.standard_error(1.0, 100) == 0.0


def test_rounding_adds_no_rank():
    torch.manual_seed(0)
    arc = torch.tensor([[1.0, 1.0, 0.0, 0.0]]) + torch.randn(50, 1) * torch.tensor(
        [0.1, -0.1, 0, 0]
    )
    rank = similarities.effective_rank(arc)
    assert 1 < rank < 2
    assert similarities.effective_rank(arc + 1e-8 * torch.randn(50, 4)) == pytest.approx(
        rank, abs=1e-4
    )


@pytest.mark.parametrize("block", [1, 3, 100])
def test_random_cosines_are_those_of_each_pair_once(block):
    torch.manual_seed(0)
    vectors = torch.randn(8, 5)
    cosines = similarities.random_cosines(vectors, block)
    expected = [
        float(torch.cosine_similarity(vectors[i], vectors[j], dim=0))
        for i in range(8)
        for j in range(i + 1, 8)
    ]
    assert sorted(cosines.tolist()) == pytest.approx(sorted(expected))
