import math

import pytest
import torch
import torch.nn.functional as F
from fairseq.criterions.masked_lm import MaskedLmConfig, MaskedLmLoss
from fairseq.logging import metrics

from fairseq_cline.criterions.cline import ClineCriterion, ClineCriterionConfig


@pytest.fixture
def make_criterion(pretraining_task):
    return lambda **settings: ClineCriterion(ClineCriterionConfig(**settings), pretraining_task)


@pytest.fixture
def model(make_model):
    """Training mode without dropout: the same numbers in every call."""
    return make_model(dropout=0.0, attention_dropout=0.0).train()


def reduced(log):
    with metrics.aggregate(new_root=True) as aggregate:
        ClineCriterion.reduce_metrics(log if isinstance(log, list) else [log])
    return aggregate.get_smoothed_values()


def losses_from_the_paper(model, batch):
    """Eq. 1-6 with three passes and loops, in float64; each loss a mean over its unit."""
    model = model.double()
    states, mlm, rtd, contrastive = [], [], [], []
    for key in ("source", "synonym", "antonym"):
        tokens = batch["net_input"]["src_tokens"] if key == "source" else batch[key]
        states.append(model(tokens, features_only=True)[0])
        if key == "source":
            log_p = F.log_softmax(model(tokens)[0], dim=-1)
            for row, column in batch["target"].ne(1).nonzero().tolist():
                mlm.append(-log_p[row, column, batch["target"][row, column]])
        else:
            w, b = model.rtd_head.projection.weight[0], model.rtd_head.projection.bias[0]
            for row, column in batch[f"{key}_labels"].ne(-1).nonzero().tolist():
                p = torch.sigmoid(w @ states[-1][row, column] + b)
                rtd.append(-torch.log(p if batch[f"{key}_labels"][row, column] else 1 - p))
    for h, s, a in zip(*(state[:, 0] for state in states), strict=True):
        contrastive.append(-torch.log(torch.exp(h @ s) / (torch.exp(h @ s) + torch.exp(h @ a))))
    model.float()
    return [torch.stack(values).mean().item() for values in (mlm, rtd, contrastive)]


def test_equals_the_equations(make_criterion, model, batch):
    criterion = make_criterion(
        task_weighting="fixed", mlm_weight=0.5, rtd_weight=2.0, contrastive_weight=3.0
    )
    loss, sample_size, log = criterion(model, batch)
    mlm, rtd, contrastive = losses_from_the_paper(model, batch)
    assert sample_size == batch["target"].ne(1).sum()
    expected = 0.5 * mlm + 2 * rtd + 3 * contrastive
    assert loss.item() / sample_size == pytest.approx(expected, rel=1e-4)
    logged = reduced(log)
    assert logged["mlm_loss"] == pytest.approx(mlm / math.log(2), abs=1e-3)
    assert logged["rtd_loss"] == pytest.approx(rtd / math.log(2), abs=1e-3)
    assert logged["contrastive_loss"] == pytest.approx(contrastive / math.log(2), abs=1e-3)
    assert logged["loss"] == pytest.approx(expected / math.log(2), abs=2e-3)
    assert logged["ppl"] == pytest.approx(math.exp(mlm), rel=1e-2)


def test_without_the_other_tasks_it_is_masked_lm_bit_for_bit(
    make_criterion, model, batch, pretraining_task
):
    criterion = make_criterion(task_weighting="fixed", rtd_weight=0.0, contrastive_weight=0.0)
    stock = MaskedLmLoss(MaskedLmConfig(tpu=False), pretraining_task)
    loss, sample_size, _ = criterion(model, batch)
    stock_loss, stock_sample_size, _ = stock(model, batch)
    assert loss.item() == stock_loss.item() and sample_size == stock_sample_size
    gradients = [
        torch.autograd.grad(total, list(model.encoder.parameters())) for total in (loss, stock_loss)
    ]
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("off", ["mlm", "rtd", "contrastive"])
def test_weight_zero_switches_a_task_off_and_keeps_all_parameters_in_the_graph(
    make_criterion, model, batch, off
):
    criterion = make_criterion(**{f"{off}_weight": 0.0})
    loss, _, log = criterion(model, batch)
    loss.backward()
    for parameter in [*model.parameters(), *criterion.parameters()]:
        assert parameter.grad is not None and torch.isfinite(parameter.grad).all()
    used = criterion.task_weighting.log_variance.grad != 0
    assert used.tolist() == [task != off for task in ("mlm", "rtd", "contrastive")]
    assert log[f"{off}_weight"] == 0


def test_learned_weights(make_criterion, model, batch):
    criterion = make_criterion(mlm_weight=2.0)
    with torch.no_grad():
        criterion.task_weighting.log_variance.copy_(torch.tensor([0.3, -0.5, 0.2]))
    loss, sample_size, log = criterion(model, batch)
    mlm, rtd, contrastive = losses_from_the_paper(model, batch)
    expected = (
        2 * (math.exp(-0.3) * mlm + 0.3)
        + (math.exp(0.5) * rtd - 0.5)
        + (math.exp(-0.2) * contrastive + 0.2)
    )
    assert loss.item() / sample_size == pytest.approx(expected, rel=1e-4)
    logged = reduced(log)
    assert logged["mlm_weight"] == pytest.approx(2 * math.exp(-0.3), abs=1e-4)
    assert logged["rtd_weight"] == pytest.approx(math.exp(0.5), abs=1e-4)
    assert logged["contrastive_weight"] == pytest.approx(math.exp(-0.2), abs=1e-4)


def test_validation_uses_the_fixed_weights(make_criterion, model, batch):
    learned, fixed = (
        make_criterion(rtd_weight=2.0),
        make_criterion(rtd_weight=2.0, task_weighting="fixed"),
    )
    torch.nn.init.constant_(learned.task_weighting.log_variance, 0.7)
    model.eval()
    loss, _, log = learned(model, batch)
    assert loss == fixed(model, batch)[0]
    assert reduced(log)["rtd_weight"] == 2.0


def test_hard_negatives_are_antonyms_and_random_ones_are_other_originals(
    make_criterion, model, batch
):
    features = [
        model(tokens, features_only=True)[0][:, 0]
        for tokens in (batch["net_input"]["src_tokens"], batch["synonym"], batch["antonym"])
    ]
    original, synonym, antonym = features
    for negatives, other in (("hard", antonym), ("random", original[[7, 0, 1, 2, 3, 4, 5, 6]])):
        expected = F.softplus((original * other).sum(1) - (original * synonym).sum(1)).sum()
        log = make_criterion(negatives=negatives)(model, batch)[2]
        torch.testing.assert_close(log["contrastive_loss"], expected.detach(), rtol=1e-4, atol=1e-5)


def test_one_triplet_has_no_random_negative(make_criterion, model, pretraining_task):
    dataset = pretraining_task.dataset("train")
    single = dataset.collater([dataset[0]])
    loss, _, log = make_criterion(negatives="random")(model, single)
    loss.backward()
    assert log["contrastive_loss"] == 0 and log["contrastive_negatives"] == 0
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())
    assert math.isfinite(reduced(log)["loss"])


def test_accuracy_is_strict(make_criterion, model, batch):
    """Nothing is closer when the antonym sentence equals the synonym sentence."""
    twin = {**batch, "antonym": batch["synonym"], "antonym_labels": batch["synonym_labels"]}
    assert make_criterion()(model, twin)[2]["contrastive_correct"] == 0


def test_replaced_token_scores(make_criterion, model, batch):
    """A head that calls everything replaced finds all, and its precision is their share."""
    torch.nn.init.zeros_(model.rtd_head.projection.weight)
    torch.nn.init.constant_(model.rtd_head.projection.bias, 1.0)
    logged = reduced(make_criterion()(model, batch)[2])
    labels = torch.cat([batch["synonym_labels"], batch["antonym_labels"]])
    share = (labels == 1).sum().item() / (labels != -1).sum().item()
    assert logged["rtd_recall"] == 1.0
    assert logged["rtd_precision"] == pytest.approx(share, abs=1e-3)
    assert logged["rtd_f1"] == pytest.approx(2 * share / (1 + share), abs=1e-3)
    torch.nn.init.constant_(model.rtd_head.projection.bias, -1.0)
    logged = reduced(make_criterion()(model, batch)[2])
    assert logged["rtd_recall"] == logged["rtd_precision"] == logged["rtd_f1"] == 0.0


def test_logs_of_parts_add_up_to_the_whole(make_criterion, model, pretraining_task):
    """Means are over the units of all workers, not means of means."""
    dataset = pretraining_task.dataset("train")
    items = [dataset[index] for index in range(12)]
    criterion = make_criterion(task_weighting="fixed")
    whole = reduced(criterion(model, dataset.collater(items))[2])
    parts = [criterion(model, dataset.collater(part))[2] for part in (items[:3], items[3:])]
    summed = {key: sum(log[key] for log in parts) for key in parts[0]}
    assert parts[0].keys() == parts[1].keys()
    for logged in (reduced(parts), reduced(summed)):
        for key in whole:
            if key != "loss":  # its unit is the masked token, so it depends on the batches
                assert logged[key] == pytest.approx(whole[key], rel=2e-3, abs=2e-3), key


def test_nothing_masked_still_trains_the_other_tasks(make_criterion, model, batch):
    unmasked = {**batch, "target": torch.full_like(batch["target"], 1)}
    loss, sample_size, log = make_criterion()(model, unmasked)
    loss.backward()
    assert sample_size == 1 and log["mlm_loss"] == 0 and loss > 0
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())
    assert math.isfinite(reduced(log)["loss"])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_finite_and_close(make_criterion, model, batch, dtype):
    criterion = make_criterion()
    full = reduced(criterion(model, batch)[2])
    loss, _, log = criterion.to(dtype)(model.to(dtype), batch)
    loss.backward()
    assert loss.dtype == torch.float32
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())
    assert reduced(log)["loss"] == pytest.approx(full["loss"], rel=0.05)


def test_state_of_a_checkpoint_without_task_weights(make_criterion, caplog):
    criterion = make_criterion()
    with caplog.at_level("INFO"):
        criterion.load_state_dict(None, strict=True)
    assert "no learned task weights: initialized" in caplog.text
    torch.nn.init.constant_(criterion.task_weighting.log_variance, 0.7)
    other = make_criterion()
    other.load_state_dict(criterion.state_dict(), strict=True)
    assert other.task_weighting.log_variance.tolist() == pytest.approx([0.7] * 3)


def test_learns_one_batch(make_criterion, model, batch):
    """Three losses fall below a tenth of a coin toss (MLM: ppl 1.1) on a repeated batch."""
    criterion = make_criterion()
    parameters = [*model.parameters(), *criterion.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=2e-3)
    for _ in range(60):
        optimizer.zero_grad()
        loss, sample_size, log = criterion(model, batch)
        (loss / sample_size).backward()
        optimizer.step()
    logged = reduced(log)
    assert logged["mlm_loss"] < 0.14 and logged["rtd_loss"] < 0.1
    assert logged["contrastive_loss"] < 0.1
    assert logged["contrastive_accuracy"] == 1.0 and logged["rtd_f1"] == 1.0
