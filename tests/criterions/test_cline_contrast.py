"""CLINE with options beside the paper's: InfoNCE, the mean, consistency with the encoder as it was."""

import argparse
import math

import pytest
import torch
from fairseq.logging import metrics
from omegaconf import OmegaConf

from data_prep.errors import InputError
from fairseq_cline.criterions.cline import ClineCriterion, ClineCriterionConfig
from fairseq_cline.losses.in_batch_contrast import in_batch_contrast
from fairseq_cline.models.cline_roberta import cline_roberta_tiny

TAU = 0.05
ALONE = {"mlm_weight": 0.0, "rtd_weight": 0.0, "task_weighting": "fixed"}


@pytest.fixture
def make_criterion(pretraining_task):
    return lambda **settings: ClineCriterion(ClineCriterionConfig(**settings), pretraining_task)


@pytest.fixture
def model(make_model):
    """Training mode without dropout: the same numbers in every call."""
    return make_model(dropout=0.0, attention_dropout=0.0, sentence_feature="mean").train()


@pytest.fixture
def with_reference(model):
    """The model, which has moved on since it was copied."""
    model.add_reference()
    with torch.no_grad():
        for parameter in model.encoder.parameters():
            parameter += 0.05 * torch.randn_like(parameter)
    return model


def reduced(log):
    with metrics.aggregate(new_root=True) as aggregate:
        ClineCriterion.reduce_metrics(log if isinstance(log, list) else [log])
    return aggregate.get_smoothed_values()


def unmasked(batch):
    target, visible = batch["target"], batch["net_input"]["src_tokens"]
    return torch.where(target.ne(1), target, visible)


def vectors(model, batch):
    """The mean of each sentence's tokens, one sentence at a time: three of (B, C)."""
    found = []
    for tokens in (batch["net_input"]["src_tokens"], batch["synonym"], batch["antonym"]):
        rows = [row[row.ne(1)][None] for row in tokens]
        found.append(torch.cat([model(row, features_only=True)[0].mean(1) for row in rows]))
    return found


@pytest.mark.parametrize("negatives", ["hard", "random"])
def test_infonce_equals_the_equation(make_criterion, model, batch, negatives):
    original, synonym, antonym = vectors(model, batch)
    other = antonym if negatives == "hard" else None
    expected = in_batch_contrast(original, synonym, other, TAU).mean()
    criterion = make_criterion(contrast="infonce", negatives=negatives, **ALONE)
    loss, sample_size, log = criterion(model, batch)
    assert loss.item() / sample_size == pytest.approx(expected.item(), rel=1e-4)
    logged = reduced(log)
    assert logged["contrastive_loss"] == pytest.approx(expected.item() / math.log(2), abs=1e-3)
    cosine = torch.nn.functional.cosine_similarity
    closer = cosine(original, synonym) > cosine(original, antonym)
    assert logged["contrastive_accuracy"] == pytest.approx(closer.float().mean().item(), abs=1e-3)
    assert "consistency_loss" not in logged


def test_the_temperature_is_used(make_criterion, model, batch):
    losses = [
        make_criterion(contrast="infonce", contrastive_temperature=tau, **ALONE)(model, batch)[0]
        for tau in (0.05, 1.0)
    ]
    assert abs(losses[0] - losses[1]) > 1e-3 * losses[1]


@pytest.mark.parametrize("negatives", ["hard", "random"])
def test_one_triplet(make_criterion, model, pretraining_task, negatives):
    dataset = pretraining_task.dataset("train")
    single = dataset.collater([dataset[0]])
    loss, _, log = make_criterion(contrast="infonce", negatives=negatives)(model, single)
    loss.backward()
    assert (
        (log["contrastive_loss"] > 0)
        == (log["contrastive_negatives"] == 1)
        == (negatives == "hard")
    )
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


@pytest.mark.parametrize("task_weighting", ["fixed", "uncertainty"])
def test_consistency_adds_its_weight_times_the_distance(
    make_criterion, with_reference, batch, task_weighting
):
    """Outside of the learned weights, in the unit of the other losses."""
    model = with_reference
    now = vectors(model, batch)[0]
    rows = [row[row.ne(1)][None] for row in unmasked(batch)]
    before = torch.cat([model.reference(row)["encoder_out"][0].mean(0) for row in rows])
    cosines = torch.nn.functional.cosine_similarity(now, before)
    expected = (2 - 2 * cosines).mean().item()
    assert expected > 1e-3
    plain, weighted = (
        make_criterion(task_weighting=task_weighting, consistency_weight=weight)
        for weight in (0.0, 10.0)
    )
    for criterion in (plain, weighted):
        if task_weighting == "uncertainty":
            torch.nn.init.constant_(criterion.task_weighting.log_variance, 0.7)
    loss, sample_size, log = weighted(model, batch)
    difference = (loss - plain(model, batch)[0]).item() / sample_size
    assert difference == pytest.approx(10 * expected, rel=1e-3)
    logged = reduced(log)
    assert logged["consistency_loss"] == pytest.approx(expected, abs=1e-4)
    assert logged.keys() - reduced(plain(model, batch)[2]).keys() == {"consistency_loss"}


def test_without_weight_nothing_changes(make_criterion, with_reference, batch):
    """The paper's loss to the last bit, whether there is a copy or not."""
    criterion = make_criterion()
    loss = criterion(with_reference, batch)[0]
    with_reference.reference = None
    assert torch.equal(loss, criterion(with_reference, batch)[0])


def test_the_copy_has_no_gradient_and_no_dropout(make_criterion, make_model, batch):
    model = make_model(dropout=0.5).train()
    model.add_reference()
    tokens = unmasked(batch)
    torch.manual_seed(1)
    first = model.reference(tokens)["encoder_out"][0]
    assert torch.equal(first, model.reference(tokens)["encoder_out"][0])
    make_criterion(consistency_weight=1.0)(model, batch)[0].backward()
    assert all(p.grad is None for p in model.reference.parameters())
    assert not any(p.requires_grad for p in model.reference.parameters())
    assert model.encoder.sentence_encoder.embed_tokens.weight.grad is not None


def test_a_model_without_a_copy_is_refused(make_criterion, model, batch):
    with pytest.raises(InputError, match="no copy of its encoder as it was; --consistency-weight"):
        make_criterion(consistency_weight=1.0)(model, batch)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_finite_and_close(make_criterion, with_reference, batch, dtype):
    criterion = make_criterion(contrast="infonce", consistency_weight=5.0)
    full = reduced(criterion(with_reference, batch)[2])
    model = with_reference.to(dtype)
    assert {p.dtype for p in model.reference.parameters()} == {torch.float32}
    loss, _, log = criterion(model, batch)
    loss.backward()
    assert loss.dtype == torch.float32
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.requires_grad)
    assert reduced(log)["loss"] == pytest.approx(full["loss"], rel=0.05)


def test_logs_of_parts_add_up_to_the_whole(make_criterion, with_reference, pretraining_task):
    dataset = pretraining_task.dataset("train")
    items = [dataset[index] for index in range(12)]
    criterion = make_criterion(task_weighting="fixed", consistency_weight=2.0)
    whole = reduced(criterion(with_reference, dataset.collater(items))[2])
    parts = [
        criterion(with_reference, dataset.collater(part))[2] for part in (items[:3], items[3:])
    ]
    logged = reduced({key: sum(log[key] for log in parts) for key in parts[0]})
    assert logged["consistency_loss"] == pytest.approx(whole["consistency_loss"], abs=2e-4)


def test_learns_one_batch_and_stays_where_it_was(make_criterion, model, batch):
    """The contrast of a repeated batch falls below a tenth of a bit; the weight keeps vectors."""
    start = {key: value.clone() for key, value in model.state_dict().items()}
    distances = []
    for weight in (10.0, 0.0):
        model.load_state_dict({**start})
        model.add_reference()
        criterion = make_criterion(
            contrast="infonce", consistency_weight=weight, mlm_weight=0.0, rtd_weight=0.0
        )
        optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3)
        for _ in range(60):
            optimizer.zero_grad()
            loss, sample_size, log = criterion(model, batch)
            (loss / sample_size).backward()
            optimizer.step()
        assert reduced(log)["contrastive_loss"] < 0.1 and reduced(log)["contrastive_accuracy"] == 1
        watching = make_criterion(consistency_weight=1.0)
        distances.append(reduced(watching(model, batch)[2])["consistency_loss"])
    assert distances[0] < 0.5 * distances[1], distances


def saved(model):
    return {key: value.clone() for key, value in model.state_dict().items()}


def test_the_copy_starts_as_the_encoder_of_the_checkpoint_and_is_kept(make_model):
    start = saved(make_model())
    model = make_model()
    model.add_reference()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter)
    model.load_state_dict({**start}, strict=True)
    copied = model.reference.network.state_dict()
    for key, value in copied.items():
        assert torch.equal(value, start[f"encoder.sentence_encoder.{key}"]), key
    torch.nn.init.zeros_(model.encoder.sentence_encoder.embed_tokens.weight)  # a training
    trained = saved(model)
    other = make_model()
    other.add_reference()
    other.load_state_dict({**trained}, strict=True)
    for key, value in other.reference.network.state_dict().items():
        assert torch.equal(value, start[f"encoder.sentence_encoder.{key}"]), key
    assert other.reference.network.layer_norm is model.encoder.sentence_encoder.layer_norm is None


def test_others_leave_the_copy_out(make_model, make_dcl_model, caplog):
    model = make_model()
    model.add_reference()
    for other in (make_model(), make_dcl_model(criterion_name="masked_lm")):
        with caplog.at_level("INFO"):
            other.load_state_dict(saved(model), strict=True)
        assert "reference.* of the checkpoint has no use here: left out" in caplog.text
        caplog.clear()


@pytest.mark.parametrize("weight", [0.0, 2.0])
@pytest.mark.parametrize("run", ["arguments", "hydra"])
def test_the_task_adds_the_copy_where_it_is_used(pretraining_task, weight, run):
    args = argparse.Namespace(arch="cline_roberta_tiny", consistency_weight=weight)
    if run == "hydra":
        criterion = {"_name": "cline", "consistency_weight": weight}
        args = OmegaConf.create({"model": {"_name": "cline_roberta_tiny"}, "criterion": criterion})
        OmegaConf.set_struct(args, True)
        args = args.model
    model = pretraining_task.build_model(args)
    assert (model.reference is not None) == bool(weight)
    assert model.args.encoder_embed_dim == 128


def test_no_copy_without_such_a_criterion_or_model(pretraining_task):
    args = argparse.Namespace(arch="cline_roberta_tiny")
    assert pretraining_task.build_model(args).reference is None
    args = argparse.Namespace(arch="roberta_base", consistency_weight=1.0)
    cline_roberta_tiny(args)
    with pytest.raises(InputError, match="--consistency-weight needs a model with --arch cline_"):
        pretraining_task.build_model(args)
