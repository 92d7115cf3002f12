"""Steps of several passes whose graphs are kept, on models with noise in each pass.

The noise: dropout, layers that are left out (--decoder-layerdrop), and weights that are changed
for a pass (--quant-noise-pq). The gradients are compared with differences of the loss, under the
same random numbers.
"""

import argparse
from types import SimpleNamespace

import pytest
import torch
from fairseq.data import Dictionary
from fairseq.models.transformer_lm import TransformerLanguageModel, base_lm_architecture

from fairseq_cline.compat.quantization_noise import keep_weights
from fairseq_cline.criterions.atcl_cross_entropy import (
    AtclCrossEntropyConfig,
    AtclCrossEntropyCriterion,
)

WORDS = 30
STEP = 1e-6


@pytest.fixture
def task():
    dictionary = Dictionary()
    for k in range(WORDS):
        dictionary.add_symbol(f"word{k}")
    return SimpleNamespace(source_dictionary=dictionary, target_dictionary=dictionary)


@pytest.fixture
def make_model(task, monkeypatch):
    """A model in double precision, its soft-max too."""
    monkeypatch.setattr("fairseq.utils.log_softmax", lambda x, dim, **_: x.log_softmax(dim))

    def make(**settings):
        torch.manual_seed(1)
        args = argparse.Namespace(
            decoder_embed_dim=8,
            decoder_input_dim=8,
            decoder_output_dim=8,
            decoder_ffn_embed_dim=16,
            decoder_layers=3,
            decoder_attention_heads=2,
            tokens_per_sample=12,
            **settings,
        )
        base_lm_architecture(args)
        model = TransformerLanguageModel.build_model(args, task).train().double()
        keep_weights(lambda *_: None, None, None, None, model)
        return model

    return make


@pytest.fixture
def sample():
    generator = torch.Generator().manual_seed(3)
    tokens = torch.randint(4, 4 + WORDS, (3, 7), generator=generator)
    places = {
        "rows": torch.arange(3),
        "columns": torch.tensor([2, 0, 5]),
        "negatives": torch.tensor([[0, 8], [3, 20], [1, 9]]),
    }
    return {
        "id": torch.arange(3),
        "nsentences": 3,
        "ntokens": tokens.numel(),
        "net_input": {"src_tokens": tokens, "src_lengths": torch.full((3,), 7)},
        "target": torch.roll(tokens, -1, dims=1),
        "candidates": {"decoder": places},
    }


KINDS = {
    "dropout": {"dropout": 0.3, "attention_dropout": 0.2},
    "layerdrop": {"decoder_layerdrop": 0.5},
    "quantization": {"quant_noise_pq": 0.3, "quant_noise_pq_block_size": 4},
    "tied": {
        "quant_noise_pq": 0.3,
        "quant_noise_pq_block_size": 4,
        "adaptive_input": True,
        "adaptive_input_cutoff": "12,20",
        "adaptive_softmax_cutoff": "12,20",
        "tie_adaptive_weights": True,
        "adaptive_input_factor": 1,
        "adaptive_softmax_factor": 1,
    },
}


def assert_gradients_are_right(model, criterion, sample, parameters):
    """Along random directions of all parameters that have no noise of their own."""

    def loss(shift):
        torch.manual_seed(5)
        with torch.no_grad():
            for parameter, direction in zip(parameters, directions, strict=True):
                parameter += shift * direction
        return criterion(model, sample)[0]

    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        directions = [torch.randn(p.shape, generator=generator, dtype=p.dtype) for p in parameters]
        model.zero_grad()
        loss(0).backward()
        given = sum(
            (p.grad * direction).sum().item()
            for p, direction in zip(parameters, directions, strict=True)
            if p.grad is not None
        )
        slope = (loss(STEP) - loss(-2 * STEP)).item() / (2 * STEP)
        assert abs(slope) > 1
        assert given == pytest.approx(slope, rel=1e-4)


@pytest.fixture
def make_criterion(task):
    """Perturbations of length 0: their direction is no part of the gradient."""
    return lambda same_dropout: AtclCrossEntropyCriterion(
        AtclCrossEntropyConfig(
            sentence_avg=False,
            ddp_backend="legacy_ddp",
            adversarial_epsilon=0.0,
            adversarial_weight=0.7,
            contrastive_weight=0.8,
            contrastive_denominator="all",
            same_dropout=same_dropout,
        ),
        task,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_with_the_same_dropout_nothing_but_the_perturbation_differs(
    make_model, make_criterion, sample, kind
):
    model = make_model(**KINDS[kind])
    rises, cosines = [], []
    for same_dropout in (True, False):
        log = make_criterion(same_dropout)(model, sample)[2]
        rises.append(log["loss_rise"].item())
        cosines.append(log["positive_cosine"].item() / log["candidates"])
    assert rises[0] == 0 != rises[1]
    assert cosines[0] == pytest.approx(1, abs=1e-6) and cosines[1] < 0.999


@pytest.mark.parametrize(
    ("kind", "same_dropout"), [*((kind, False) for kind in KINDS), ("quantization", True)]
)
def test_the_gradient_of_a_step_is_that_of_its_loss(
    make_model, make_criterion, sample, kind, same_dropout
):
    model, criterion = make_model(**KINDS[kind]), make_criterion(same_dropout)
    noisy = {
        id(module.weight)
        for module in model.modules()
        if any("quant_noise" in hook.__qualname__ for hook in module._forward_pre_hooks.values())
    }
    parameters = [p for p in model.parameters() if id(p) not in noisy]
    assert_gradients_are_right(model, criterion, sample, parameters)
