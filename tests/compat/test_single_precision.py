"""Scores, losses and figures are single precision in every model, and means of an epoch double."""

from types import SimpleNamespace

import pytest
import torch
from fairseq.logging.meters import AverageMeter
from fairseq.modules import AdaptiveSoftmax
from fairseq.trainer import Trainer

from fairseq_cline.compat import single_precision
from fairseq_cline.compat.patching import stock_function

HALF = [torch.bfloat16, torch.float16]
WORDS, CHANNELS = 32, 6


@pytest.mark.parametrize("dtype", HALF)
def test_probabilities_of_an_adaptive_softmax(dtype):
    """Evaluations ask for them; the loss of the criterion is in tests/test_half_precision.py."""
    torch.manual_seed(1)
    softmax = AdaptiveSoftmax(WORDS, CHANNELS, [8, 16], dropout=0.0).to(dtype)
    features = torch.randn(2, 3, CHANNELS).to(dtype)
    found = softmax.get_log_prob(features, None)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.exp().sum(-1), torch.ones(2, 3))
    # Beside single precision throughout the products alone are rounded.
    expected = softmax.float().get_log_prob(features.float(), None)
    torch.testing.assert_close(found, expected, rtol=0, atol=2**-7)


def test_double_stays_double():
    softmax = AdaptiveSoftmax(WORDS, CHANNELS, [8], dropout=0.0).double()
    scores, _ = softmax(torch.randn(1, 3, CHANNELS).double(), torch.tensor([4, 9, 20]))
    assert {score.dtype for score in scores} == {torch.float64}


@pytest.mark.parametrize("dtype", [torch.float32, *HALF])
def test_a_mean_does_not_stand_still(dtype):
    meter = AverageMeter()
    values = torch.linspace(18, 19, 8).to(dtype)
    for _ in range(500):
        for value in values:
            meter.update(val=value, n=800)
    expected = values.double().mean()
    torch.testing.assert_close(meter.avg, expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("flags", [{"fp16": True, "bf16": False}, {"fp16": False, "bf16": True}])
@pytest.mark.parametrize("is_regression", [True, False])
def test_numbers_to_predict_are_not_rounded(flags, is_regression):
    numbers = torch.tensor([3.8, 0.2])
    sample = {"target": numbers, "net_input": {"features": numbers}}
    trainer = SimpleNamespace(
        cfg=SimpleNamespace(common=SimpleNamespace(**flags)),
        get_criterion=lambda: SimpleNamespace(regression_target=is_regression),
    )
    converted = Trainer._fp_convert_sample(trainer, sample)
    assert torch.equal(converted["target"], numbers) == is_regression
    assert not torch.equal(converted["net_input"]["features"], numbers)


@pytest.mark.parametrize("dtype", [torch.float32, *HALF])
def test_the_fused_cross_entropy_never_gets_bf16(dtype):
    """apex's gives single precision for fp16 when it is told, and else its input's type."""
    seen = single_precision.cross_entropy(lambda logits: logits, torch.zeros(2, dtype=dtype))
    assert seen.dtype == (torch.float32 if dtype == torch.bfloat16 else dtype)


def test_the_mends_are_in_place():
    for owner, name, _ in single_precision.MENDS.values():
        assert getattr(owner, name) is not stock_function(owner, name)
