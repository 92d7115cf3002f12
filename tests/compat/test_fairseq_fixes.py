"""The mends that change numbers: each beside stock fairseq, and the switch between the two."""

import logging
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from fairseq.criterions.adaptive_loss import AdaptiveLoss
from fairseq.data import Dictionary, data_utils
from fairseq.modules import AdaptiveSoftmax

from fairseq_cline.compat import fairseq_fixes
from fairseq_cline.compat.patching import stock_function

PAD = 1
WORDS = 32
CUTOFFS = [8, 16]  # the head and two bands of rare words


@pytest.fixture
def prepared(monkeypatch):
    """Starts from stock fairseq: `prepared("1")` prepares it with the switch at that value."""

    def prepare(switch):
        for owner, name, _ in fairseq_fixes.MENDS.values():
            monkeypatch.setattr(owner, name, stock_function(owner, name))
        monkeypatch.setenv(fairseq_fixes.SWITCH, switch)
        fairseq_fixes.prepare()

    return prepare


def batches(size):
    return data_utils.batch_by_size(
        np.arange(size)[::-1],
        num_tokens_fn=None,
        num_tokens_vec=np.full(size, 16),
        max_tokens=128,
        required_batch_size_multiple=8,
    )


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 23])
def test_no_example_is_left_out_of_the_batches(size):
    made = batches(size)
    assert [index for batch in made for index in batch] == list(range(size))[::-1]
    assert all(len(batch) <= 8 for batch in made)


class Model:
    """A decoder with an adaptive soft-max on fixed features."""

    def __init__(self, features):
        self.features = features
        self.decoder = SimpleNamespace(
            adaptive_softmax=AdaptiveSoftmax(WORDS, features.size(-1), CUTOFFS, dropout=0.0)
        )

    def __call__(self):
        return self.features, None

    def get_targets(self, sample, _output):
        return sample["target"]


def adaptive_loss(target):
    """Loss and number of tokens of one sentence, by fairseq's criterion, and by the definition."""
    torch.manual_seed(1)
    target = torch.tensor([target])
    model = Model(torch.randn(1, target.size(1), 6))
    dictionary = Dictionary()
    criterion = AdaptiveLoss(SimpleNamespace(target_dictionary=dictionary), sentence_avg=False)
    assert criterion.padding_idx == PAD
    loss, _, log = criterion(model, {"net_input": {}, "target": target})
    log_probabilities = model.decoder.adaptive_softmax.get_log_prob(model.features, target)
    expected = F.nll_loss(log_probabilities[0], target[0], ignore_index=PAD, reduction="sum")
    return loss.item(), log["ntokens"], expected.item()


@pytest.mark.parametrize("first", range(0, WORDS - 3, 4))
def test_the_adaptive_loss_counts_every_word(first):
    loss, tokens, expected = adaptive_loss([first, first + 1, first + 2, first + 3, PAD])
    assert loss == pytest.approx(expected, rel=1e-5)
    assert tokens == 4 - (first == 0)


# Of each band of rare words fairseq takes the second for padding.
NEVER_TRAINED = [cutoff + PAD for cutoff in CUTOFFS]


@pytest.mark.parametrize("switch, is_mended", [("", True), ("0", True), ("1", False)])
def test_the_switch_leaves_fairseq_as_it_is(prepared, caplog, switch, is_mended):
    with caplog.at_level(logging.INFO):
        prepared(switch)
    (line,) = caplog.messages
    assert fairseq_fixes.SWITCH in line and ("off by" in line) != is_mended
    assert all(name in line for name in fairseq_fixes.MENDS)

    assert sum(map(len, batches(23))) == (23 if is_mended else 16)
    assert sum(map(len, batches(7))) == (7 if is_mended else 0)

    loss, _, expected = adaptive_loss([4, 10, 20])
    assert loss == pytest.approx(expected, rel=1e-5)  # the others are right either way
    for word in NEVER_TRAINED:
        loss, tokens, expected = adaptive_loss([word])
        assert tokens == 1
        # What is left is the loss of the band, in the head.
        assert (loss == pytest.approx(expected, rel=1e-5)) == is_mended
        assert loss < expected or is_mended
