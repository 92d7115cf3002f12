import itertools
import math

import pytest
import torch
import torch.nn.functional as F
from fairseq.criterions.masked_lm import MaskedLmConfig, MaskedLmLoss
from fairseq.logging import metrics

from fairseq_cline.criterions.dcl import DclCriterion, DclCriterionConfig

SIZES = {"projection_dim": 16, "projection_hidden_dim": 32}
UNDROPPED = {"dropout": 0.0, "attention_dropout": 0.0}


@pytest.fixture
def make_criterion(make_dcl_task):
    return lambda **settings: DclCriterion(DclCriterionConfig(**settings), make_dcl_task())


@pytest.fixture(params=["power", "none"])
def model(make_dcl_model, request):
    """Training mode without dropout; the momentum network is some updates behind the other."""
    model = make_dcl_model(UNDROPPED, projection_norm=request.param, momentum=0.5, **SIZES)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.05 * torch.randn_like(parameter))
    model.follow_update(1)
    return model.train()


def reduced(log):
    with metrics.aggregate(new_root=True) as aggregate:
        DclCriterion.reduce_metrics(log if isinstance(log, list) else [log])
    return aggregate.get_smoothed_values()


def losses_from_the_paper(model, batch):
    """MLM and Eq. 8 with a pass and a loop for each network and sequence, in evaluation mode."""
    alignment = model.alignment
    momentum = alignment.momentum_encoder.network
    target, visible = batch["target"], batch["net_input"]["src_tokens"]
    mlm, pairs, projections = [], [], []
    for row in range(len(target)):
        original = visible[row].clone()
        log_p = F.log_softmax(model(visible[row : row + 1])[0][0], dim=-1)
        for column in target[row].ne(1).nonzero().flatten().tolist():
            original[column] = target[row, column]
            mlm.append(-log_p[column, target[row, column]])
        sequences = {"x": original, "x'": batch["synonym"][row]}
        read = {"x": visible[row], "x'": batch["synonym"][row]}
        q, p = {}, {}
        for name in ("x", "x'"):
            state = model(read[name][None], features_only=True)[0][:, 0]
            projections.append(alignment.projection(state)[0])
            q[name] = alignment.predictor(alignment.projection(state))[0]
            p[name] = momentum(sequences[name][None])[0].detach()
        pairs.append(
            sum(
                2 - 2 * (q[a] @ p[b]) / (q[a] @ q[a]).sqrt() / (p[b] @ p[b]).sqrt()
                for a, b in (("x", "x'"), ("x'", "x"))
            )
        )
    return torch.stack(mlm).mean(), torch.stack(pairs).mean(), projections


def test_equals_the_equations(make_criterion, model, pair_batch):
    model = model.eval().double()
    criterion = make_criterion(mlm_weight=0.5, alignment_weight=3.0)
    loss, sample_size, log = criterion(model, pair_batch)
    mlm, alignment, _ = losses_from_the_paper(model, pair_batch)
    assert sample_size == len(pair_batch["synonym"])
    expected = 0.5 * mlm + 3 * alignment
    torch.testing.assert_close(loss.double() / sample_size, expected, rtol=1e-5, atol=1e-6)
    parameters = [p for p in model.parameters() if p.requires_grad]
    ours, theirs = (
        torch.autograd.grad(total, parameters) for total in (loss / sample_size, expected)
    )
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)
    logged = reduced(log)
    assert logged["mlm_loss"] == pytest.approx(mlm.item() / math.log(2), abs=1e-3)
    assert logged["alignment_loss"] == pytest.approx(alignment.item(), abs=1e-3)
    assert logged["loss"] == pytest.approx(expected.item() / math.log(2), abs=2e-3)
    assert logged["ppl"] == pytest.approx(math.exp(mlm.item()), rel=1e-2)


def test_measures_equal_the_definitions(make_criterion, model, pair_batch):
    """Wang & Isola (2020), section 4.1, on the online network's projections."""
    model.eval()
    logged = reduced(make_criterion()(model, pair_batch)[2])
    *_, projections = losses_from_the_paper(model, pair_batch)
    unit = [vector / vector.norm() for vector in projections]
    originals, synonyms = unit[::2], unit[1::2]
    positive = [(x @ y).item() for x, y in zip(originals, synonyms, strict=True)]
    random = [
        (one @ other).item()
        for kind in (originals, synonyms)
        for one, other in itertools.combinations(kind, 2)
    ]
    distances = [2 - 2 * cosine for cosine in positive]
    kernel = [math.exp(-2 * (2 - 2 * cosine)) for cosine in random]
    assert len(random) == 8 * 7
    assert logged["positive_cosine"] == pytest.approx(sum(positive) / 8, abs=1e-3)
    assert logged["random_cosine"] == pytest.approx(sum(random) / 56, abs=1e-3)
    assert logged["alignment"] == pytest.approx(sum(distances) / 8, abs=1e-3)
    assert logged["uniformity"] == pytest.approx(math.log(sum(kernel) / 56), abs=1e-3)


def test_without_alignment_it_is_masked_lm_bit_for_bit(
    make_criterion, make_dcl_task, model, pair_batch
):
    stock = MaskedLmLoss(MaskedLmConfig(tpu=False), make_dcl_task())
    loss, sample_size, _ = make_criterion(alignment_weight=0.0)(model, pair_batch)
    stock_loss, stock_sample_size, _ = stock(model, pair_batch)
    assert loss.item() == stock_loss.item() and sample_size == stock_sample_size
    gradients = [
        torch.autograd.grad(total, list(model.encoder.parameters())) for total in (loss, stock_loss)
    ]
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("off", ["mlm", "alignment"])
def test_weight_zero_keeps_all_parameters_in_the_graph(make_criterion, model, pair_batch, off):
    loss, _, _ = make_criterion(**{f"{off}_weight": 0.0})(model, pair_batch)
    loss.backward()
    online = {name: p.grad for name, p in model.named_parameters() if p.requires_grad}
    assert all(grad is not None and grad.isfinite().all() for grad in online.values())
    part = "encoder.lm_head.dense" if off == "mlm" else "alignment."
    unused = [grad for name, grad in online.items() if name.startswith(part)]
    assert unused and not any(grad.any() for grad in unused)


def test_collapse_shows(make_criterion, model, pair_batch):
    """Examples at one point: the logged measures are there to warn of them."""
    last = model.alignment.projection[-1]
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.ones_(last.bias)
    logged = reduced(make_criterion()(model, pair_batch)[2])
    assert logged["random_cosine"] == logged["positive_cosine"] == 1
    assert logged["alignment"] == logged["uniformity"] == 0


def test_logs_of_parts_add_up_to_the_whole(make_criterion, model, make_dcl_task):
    """Means are over the units of all workers, not means of means."""
    dataset = make_dcl_task().dataset("train")
    items = [dataset[index] for index in range(12)]
    criterion = make_criterion()
    model.eval()
    whole = reduced(criterion(model, dataset.collater(items))[2])
    parts = [criterion(model, dataset.collater(part))[2] for part in (items[:4], items[4:])]
    summed = {key: sum(log[key] for log in parts) for key in parts[0]}
    assert parts[0].keys() == parts[1].keys()
    for logged in (reduced(parts), reduced(summed)):
        for key in ("mlm_loss", "ppl", "alignment_loss", "positive_cosine", "alignment"):
            assert logged[key] == pytest.approx(whole[key], rel=2e-3, abs=2e-3), key
        # 6 + 28 random pairs of each kind, and not the 66 of the whole batch
        kernel = [reduced(log)["uniformity"] for log in parts]
        mean = (6 * math.exp(kernel[0]) + 28 * math.exp(kernel[1])) / 34
        assert logged["uniformity"] == pytest.approx(math.log(mean), abs=2e-3)


def test_one_pair_has_no_random_pair(make_criterion, model, make_dcl_task):
    dataset = make_dcl_task().dataset("train")
    loss, _, log = make_criterion()(model, dataset.collater([dataset[0]]))
    loss.backward()
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.requires_grad)
    logged = reduced(log)
    assert math.isnan(logged["uniformity"]) and logged["random_cosine"] == 0
    assert math.isfinite(logged["loss"])


def test_a_pair_weighs_the_same_however_many_tokens_are_masked(make_criterion, model, pair_batch):
    """Else the running gradient statistics of power normalization would mean nothing."""
    few = pair_batch["target"].clone()
    few[:, 3:] = 1
    for target in (pair_batch["target"], few):
        loss, _, log = make_criterion(mlm_weight=0.0)(model, {**pair_batch, "target": target})
        assert loss.item() == pytest.approx(log["alignment_loss"].item())


def test_nothing_masked_still_aligns(make_criterion, model, pair_batch):
    unmasked = {**pair_batch, "target": torch.full_like(pair_batch["target"], 1)}
    loss, sample_size, log = make_criterion()(model, unmasked)
    loss.backward()
    assert sample_size == len(pair_batch["synonym"])
    assert log["mlm_loss"] == 0 and loss > 0
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.requires_grad)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_finite_and_close(make_criterion, model, pair_batch, dtype):
    criterion = make_criterion()
    full = reduced(criterion(model, pair_batch)[2])
    loss, _, log = criterion(model.to(dtype), pair_batch)
    loss.backward()
    assert loss.dtype == torch.float32
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.requires_grad)
    assert reduced(log)["loss"] == pytest.approx(full["loss"], rel=0.05)


def test_learns_one_batch(make_criterion, model, pair_batch):
    """Repeats a batch: ppl falls below 1.1, pairs are far closer than random vectors (4)."""
    criterion = make_criterion()
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
    for update in range(60):
        model.follow_update(update)
        optimizer.zero_grad()
        loss, sample_size, log = criterion(model, pair_batch)
        (loss / sample_size).backward()
        optimizer.step()
    logged = reduced(log)
    assert logged["mlm_loss"] < 0.14
    assert logged["alignment_loss"] < 0.4
