"""Maps of sentences: distances by hand, and what a map keeps together."""

import pytest
import torch

from fairseq_cline.evaluation.encoders import tsne


def test_distance_of_pairs_on_a_map_by_hand():
    points = torch.tensor([[[0.0, 0.0], [3.0, 4.0]], [[0.0, 1.0], [3.0, 4.0]]])
    assert tsne.pair_distance(points) == pytest.approx(0.5 / 5)


def test_a_map_keeps_close_pairs_together_and_its_seed_fixes_it():
    torch.manual_seed(0)
    original = torch.randn(20, 8)
    version = original + 1e-3 * torch.randn(20, 8)
    close = tsne.sentence_map(original, version, seed=1)
    assert close.shape == (2, 20, 2) and tsne.pair_distance(close) < 0.2
    assert torch.equal(close, tsne.sentence_map(original, version, seed=1))
    assert tsne.pair_distance(tsne.sentence_map(original, torch.randn(20, 8), seed=1)) > 0.6
