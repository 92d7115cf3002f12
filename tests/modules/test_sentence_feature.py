import pytest
import torch

from fairseq_cline.modules.sentence_feature import sentence_feature

IS_TOKEN = torch.tensor([[True, True, True], [True, False, False]])


def test_equals_a_loop():
    features = torch.randn(2, 3, 4)
    assert torch.equal(sentence_feature(features, IS_TOKEN, "cls"), features[:, 0])
    mean = sentence_feature(features, IS_TOKEN, "mean")
    for row in range(2):
        kept = [features[row, place] for place in range(3) if IS_TOKEN[row, place]]
        torch.testing.assert_close(mean[row], sum(kept) / len(kept))


def test_padding_changes_nothing_and_has_no_gradient():
    features = torch.randn(2, 3, 4, requires_grad=True)
    other = torch.where(IS_TOKEN.unsqueeze(-1), features, 7.0)
    expected = sentence_feature(features, IS_TOKEN, "mean")
    assert torch.equal(sentence_feature(other, IS_TOKEN, "mean"), expected)
    expected.sum().backward()
    assert torch.equal(features.grad.ne(0).any(-1), IS_TOKEN)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_the_mean_is_taken_in_single_precision(dtype):
    """4,096 features of 20 sum up to 81,920, beyond fp16; bf16 stops counting at 256 x 20."""
    features = torch.full((1, 4096, 1), 20.0, dtype=dtype)
    mean = sentence_feature(features, torch.ones(1, 4096, dtype=torch.bool), "mean")
    assert mean.dtype == dtype and mean.item() == 20.0


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match="must be one of cls, mean, not max"):
        sentence_feature(torch.zeros(1, 1, 1), torch.ones(1, 1, dtype=torch.bool), "max")
