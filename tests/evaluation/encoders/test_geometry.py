"""Geometry of vectors: numbers by hand, and the figures that training logs."""

import math

import pytest
import torch

from data_prep.errors import InputError
from fairseq_cline.evaluation.encoders.geometry import BINS, Cosines, Geometry, represent
from fairseq_cline.losses.alignment import random_pair_terms


def test_geometry_by_hand():
    original = torch.tensor([[2.0, 0.0], [0.0, 1.0], [-3.0, 0.0]])
    perturbed = torch.tensor([[1.0, 0.0], [5.0, 0.0], [-1.0, 0.0]])
    geometry = Geometry.of(original, perturbed)
    assert geometry.positive.mean == pytest.approx((1 + 0 + 1) / 3)
    assert geometry.positive.standard_deviation == pytest.approx(math.sqrt(2) / 3)
    assert geometry.random.mean == pytest.approx((0 - 1 + 0) / 3)
    assert geometry.alignment == pytest.approx(2 / 3)  # the second pair has distance sqrt(2)
    # Squared distances 2, 4 and 2.
    expected = math.log((2 * math.exp(-4) + math.exp(-8)) / 3)
    assert geometry.uniformity == pytest.approx(expected)
    # Without the mean (0, 1/3): (1, -1/3), (0, 2/3) and (-1, -1/3), so the columns are orthogonal,
    # of lengths sqrt(2) and sqrt(2/3), and these are the singular values.
    shares = [math.sqrt(2), math.sqrt(2 / 3)]
    shares = [value / sum(shares) for value in shares]
    entropy = -sum(share * math.log(share) for share in shares)
    assert geometry.effective_rank == pytest.approx(math.exp(entropy))


def test_collapsed_and_spread_vectors():
    collapsed = torch.ones(9, 4) * torch.arange(1, 10)[:, None]
    geometry = Geometry.of(collapsed, collapsed + 1e-8)
    assert geometry.random.mean == geometry.positive.mean == pytest.approx(1)
    assert geometry.alignment == pytest.approx(0, abs=1e-12)
    assert geometry.uniformity == pytest.approx(0, abs=1e-12)
    assert geometry.effective_rank == 1
    spread = Geometry.of(torch.eye(9), torch.eye(9))
    assert (spread.positive.mean, spread.random.mean) == (1, 0)
    assert spread.uniformity == pytest.approx(-4)
    assert spread.effective_rank == pytest.approx(8)  # a simplex: all but the direction of its mean


def test_random_pairs_are_those_which_training_logs():
    torch.manual_seed(0)
    vectors = torch.randn(8, 5)
    cosine, kernel, number = random_pair_terms(vectors)
    geometry = Geometry.of(vectors, vectors)
    assert geometry.random.mean == pytest.approx(float(cosine / number), abs=1e-6)
    assert geometry.uniformity == pytest.approx(float((kernel / number).log()), abs=1e-6)


def test_histogram_holds_every_pair():
    cosines = Cosines.of(torch.tensor([-1.0, -1.0, 0.01, 1.0]).double())
    assert len(cosines.histogram) == BINS
    shares = {step: share for step, share in enumerate(cosines.histogram) if share}
    assert shares == {0: 0.5, BINS // 2: 0.25, BINS - 1: 0.25}


def test_a_diverged_checkpoint(encoder_checkpoints, open_triplets, pairs, tmp_path):
    state = torch.load(encoder_checkpoints["power"])
    state["model"]["encoder.sentence_encoder.embed_tokens.weight"].fill_(float("nan"))
    torch.save(state, tmp_path / "nan.pt")
    with pytest.raises(InputError, match=r"nan.pt: .* are not all finite"):
        represent(str(tmp_path / "nan.pt"), open_triplets, pairs)
