"""The masked-LM part of a step: by hand, without masked tokens, and in half precision."""

import math

import pytest
import torch
from fairseq.logging import metrics

from fairseq_cline.criterions.step.masked_lm import log_masked_lm, masked_lm_log, masked_lm_loss

PAD = 1
TARGET = torch.tensor([[PAD, 4, PAD], [5, PAD, PAD]])
MASKED = TARGET.ne(PAD)


def test_it_is_the_sum_over_the_hidden_tokens():
    logits = torch.randn(2, 7, generator=torch.Generator().manual_seed(1))
    shares = logits.softmax(-1)
    expected = -math.log(shares[0, 4]) - math.log(shares[1, 5])
    assert masked_lm_loss(logits, TARGET, MASKED, PAD).item() == pytest.approx(expected)


def test_nothing_hidden_is_a_loss_of_zero_with_a_gradient():
    logits = torch.zeros(0, 7, requires_grad=True)
    loss = masked_lm_loss(logits, torch.full_like(TARGET, PAD), torch.zeros_like(MASKED), PAD)
    loss.backward()
    assert loss.item() == 0 and logits.grad.shape == (0, 7)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_gives_single_precision(dtype):
    loss = masked_lm_loss(torch.full((2, 7), 6e4, dtype=dtype), TARGET, MASKED, PAD)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(2 * math.log(7))


def test_the_log_is_in_bits():
    loss = torch.tensor(6 * math.log(2))
    entries = masked_lm_log(loss, MASKED, {"nsentences": 2})
    assert entries["nsentences"] == 2 and entries["mlm_tokens"] == 2
    with metrics.aggregate(new_root=True) as meters:
        log_masked_lm([{**entries, "loss": loss, "sample_size": 3}])
    logged = meters.get_smoothed_values()
    assert (logged["loss"], logged["mlm_loss"], logged["ppl"]) == (2, 3, 8)
