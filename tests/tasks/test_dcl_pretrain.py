import argparse
from types import SimpleNamespace

import pytest
import torch
from fairseq.models.roberta import roberta_base_architecture

from data_prep.errors import InputError
from fairseq_cline.criterions.dcl import DclCriterion, DclCriterionConfig


def batches(task, **settings):
    iterator = task.get_batch_iterator(
        task.dataset("train"), **{"max_tokens": 400, "max_positions": 32, **settings}, epoch=1
    )
    return list(iterator.next_epoch_itr(shuffle=True))


def test_max_tokens_counts_the_two_sequences_of_a_pair(make_dcl_task):
    task = make_dcl_task()
    found = batches(task)
    assert sorted(index for batch in found for index in batch["id"].tolist()) == list(range(96))
    assert all(2 * batch["target"].numel() <= 400 for batch in found)
    longest = int(task.dataset("train").sizes.max())
    with pytest.raises(InputError, match=f"longest pair .* set --max-tokens {2 * longest} or more"):
        batches(task, max_tokens=2 * longest - 1)


def test_the_baseline_sees_the_same_batches_and_has_no_alignment(make_dcl_task, make_dcl_model):
    ours, baseline = batches(make_dcl_task()), batches(make_dcl_task(criterion_name="masked_lm"))
    for one, other in zip(ours, baseline, strict=True):
        assert torch.equal(one["net_input"]["src_tokens"], other["net_input"]["src_tokens"])
    dcl, masked_lm = make_dcl_model(), make_dcl_model(criterion_name="masked_lm")
    assert dcl.alignment is not None and masked_lm.alignment is None
    for name, weight in masked_lm.named_parameters():
        assert torch.equal(weight, dcl.get_parameter(name)), name  # they start alike


def test_dcl_needs_a_model_that_can_align(make_dcl_task):
    args = argparse.Namespace(arch="roberta_base", encoder_layers=1, encoder_embed_dim=64)
    args.encoder_attention_heads = 2
    roberta_base_architecture(args)
    with pytest.raises(InputError, match="--criterion dcl needs a model with --arch dcl_roberta_"):
        make_dcl_task().build_model(args)
    make_dcl_task(criterion_name="masked_lm").build_model(args)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"momentum_schedule": "cosine", "max_update": 0}, "cosine ends at --max-update; set it"),
        ({"optimizer": "nag"}, "--optimizer nag has a --momentum of its own"),
    ],
)
def test_options_that_do_not_go_together(make_dcl_task, settings, message):
    with pytest.raises(InputError, match=message):
        make_dcl_task(**settings)


SCALERS = {
    "fp32 and bf16": None,
    "fp16": SimpleNamespace(loss_scale=64.0),
    "amp": SimpleNamespace(get_scale=lambda: 64.0),
}


@pytest.mark.parametrize("kind", SCALERS)
def test_power_normalization_knows_the_scale_of_the_loss(make_dcl_task, make_dcl_model, kind):
    """Its running statistics of the gradient are then those of a training in single precision."""

    def train(scaler):
        factor = 64.0 if scaler else 1.0
        task = make_dcl_task()
        model = make_dcl_model({"dropout": 0.0, "attention_dropout": 0.0}, power_norm_warmup=1)
        criterion = DclCriterion(DclCriterionConfig(), task)
        optimizer = SimpleNamespace(scaler=scaler, backward=lambda loss: (factor * loss).backward())
        for update, batch in enumerate(batches(task)[:3]):
            model.zero_grad()
            task.train_step(batch, model, criterion, optimizer, update)
        statistics = {n: b for n, b in model.named_buffers() if n.endswith("nu")}
        return statistics, model.alignment.predictor[0].weight.grad / factor

    (expected, gradient), (found, scaled_gradient) = train(None), train(SCALERS[kind])
    assert any(nu.abs().max() > 0 for nu in expected.values())
    for name, nu in expected.items():
        torch.testing.assert_close(found[name], nu, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(scaled_gradient, gradient, rtol=1e-4, atol=1e-5)
