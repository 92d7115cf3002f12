"""Vectors of sentences out of the features of their tokens."""

import pytest
import torch

from fairseq_cline.modules.sentence_feature import sentence_feature

LENGTHS = [6, 1, 3, 5]
IS_TOKEN = torch.arange(6)[None] < torch.tensor(LENGTHS)[:, None]  # (B, T)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_the_mean_leaves_padding_out(dtype):
    torch.manual_seed(0)
    features = torch.randn(4, 6, 5).to(dtype)
    mean = sentence_feature(features, IS_TOKEN, "mean")
    assert mean.dtype == dtype
    for item, length in enumerate(LENGTHS):
        expected = features[item, :length].double().mean(0)
        torch.testing.assert_close(mean[item], expected.to(dtype), atol=1e-6, rtol=1e-3)
    features[~IS_TOKEN] = 1e4
    assert torch.equal(sentence_feature(features, IS_TOKEN, "mean"), mean)


def test_the_mean_of_half_precision_is_not_infinite():
    features = torch.full((1, 6, 2), 30_000.0, dtype=torch.float16)
    assert sentence_feature(features, IS_TOKEN[:1], "mean").tolist() == [[30_000.0, 30_000.0]]


def test_cls_is_the_first_token():
    features = torch.randn(4, 6, 5)
    assert torch.equal(sentence_feature(features, IS_TOKEN, "cls"), features[:, 0])


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match="cls, mean, not max"):
        sentence_feature(torch.randn(4, 6, 5), IS_TOKEN, "max")
