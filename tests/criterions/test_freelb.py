"""FreeLB against its algorithm 1, and what must not change: plain fine-tuning and validation."""

import argparse
import copy
import math

import pytest
import torch
import torch.nn.functional as F
from fairseq.criterions.sentence_prediction import (
    SentencePredictionConfig,
    SentencePredictionCriterion,
)
from fairseq.data import Dictionary
from fairseq.logging import metrics
from fairseq.models.roberta import RobertaModel
from fairseq.tasks.sentence_prediction import SentencePredictionConfig as TaskConfig
from fairseq.tasks.sentence_prediction import SentencePredictionTask
from torch import nn

from data_prep.errors import InputError
from fairseq_cline.compat.quantization_noise import keep_weights
from fairseq_cline.criterions.freelb import FreeLbConfig, FreeLbCriterion

PAD = 1
HEAD = "sentence_classification_head"
STOCK = {
    "classification_head_name": HEAD,
    "regression_target": False,
    "report_mcc": False,
    "report_acc_and_f1": False,
    "report_pearson_and_spearman": False,
}
EXTRA = {"adversarial_loss", "loss_rise", "delta_norm"}
LENGTHS = (9, 6, 2, 9)


@pytest.fixture
def task():
    words, labels = Dictionary(), Dictionary()
    for k in range(40):
        words.add_symbol(f"word{k}")
    for label in ("0", "1", "2"):
        labels.add_symbol(label)
    return SentencePredictionTask(
        TaskConfig(data="", num_classes=3, max_positions=12, classification_head_name=HEAD),
        words,
        labels,
    )


@pytest.fixture
def make_model(task):
    def make(dropout=0.0, classes=3, **settings):
        torch.manual_seed(1)
        args = argparse.Namespace(
            encoder_layers=2,
            encoder_embed_dim=16,
            encoder_ffn_embed_dim=32,
            encoder_attention_heads=2,
            dropout=dropout,
            attention_dropout=dropout,
            max_positions=12,
            **settings,
        )
        model = RobertaModel.build_model(args, task)
        model.register_classification_head(HEAD, num_classes=classes)
        # A new head's outputs are so small that the loss hardly depends on the input.
        for weight in model.classification_heads.parameters():
            weight.data = 10 * weight.data
        return model.train()

    return make


@pytest.fixture
def make_criterion(task):
    return lambda **settings: FreeLbCriterion(FreeLbConfig(**{**STOCK, **settings}), task)


@pytest.fixture
def stock(task):
    return SentencePredictionCriterion(SentencePredictionConfig(**STOCK), task)


@pytest.fixture
def sample():
    """Four examples of different lengths."""
    generator = torch.Generator().manual_seed(3)
    tokens = torch.randint(4, 44, (len(LENGTHS), max(LENGTHS)), generator=generator)
    for row, length in enumerate(LENGTHS):
        tokens[row, length:] = PAD
    return {
        "id": torch.arange(4),
        "nsentences": 4,
        "ntokens": sum(LENGTHS),
        "net_input": {"src_tokens": tokens, "src_lengths": torch.tensor(LENGTHS)},
        "target": torch.tensor([[0], [2], [1], [0]]),
    }


def gradients(model):
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def step(criterion, model, sample, early=True, scale=1.0):
    """The backward passes of a task's train_step; returns the log and the gradients."""
    settings = {"backward": lambda loss: (scale * loss).backward()} if early else {}
    loss, _, log = criterion(model, sample, **settings)
    (scale * loss).backward()
    return log, gradients(model)


def perturbations(model, sample, run):
    """The tensors added to the embeddings (B, T, C), one a forward pass of `run`; no dropout."""
    seen = []
    encoder = model.encoder.sentence_encoder
    handle = encoder.layernorm_embedding.register_forward_pre_hook(
        lambda _module, inputs: seen.append(inputs[0].detach())
    )
    run()
    with torch.no_grad():
        model(**sample["net_input"], features_only=True, classification_head_name=HEAD)
    handle.remove()
    return [embedded - seen[-1] for embedded in seen[:-1]]


def reduced(*logs):
    with metrics.aggregate(new_root=True) as aggregate:
        FreeLbCriterion.reduce_metrics(list(logs))
    return aggregate.get_smoothed_values()


class Algorithm1:
    """Loops in float64 over examples without padding, from given first perturbations."""

    def __init__(self, model, sample, first, steps, size, bound, norm):
        self.model = copy.deepcopy(model).double()
        layer = self.model.encoder.sentence_encoder.embed_tokens
        self.losses = [0.0] * steps
        self.deltas = []
        for row, length in enumerate(LENGTHS):
            tokens = sample["net_input"]["src_tokens"][row : row + 1, :length]
            delta = first[row : row + 1, :length].double().clone()
            self.deltas.append([delta])
            for t in range(steps):
                delta.requires_grad_()
                handle = layer.register_forward_hook(lambda _m, _i, out, d=delta: out + d)
                logits, _ = self.model(tokens, features_only=True, classification_head_name=HEAD)
                handle.remove()
                loss = F.cross_entropy(logits, sample["target"][row])
                (loss / steps).backward()
                self.losses[t] += loss.item()
                g = delta.grad
                if norm == "l2":
                    moved = delta.detach() + size * g / g.pow(2).sum().sqrt()
                    length_of_it = moved.pow(2).sum().sqrt().item()
                    delta = moved * min(1.0, bound / length_of_it)
                else:
                    moved = delta.detach() + size * g / g.abs()
                    delta = torch.maximum(
                        torch.minimum(moved, torch.tensor(bound)), -torch.tensor(bound)
                    )
                self.deltas[-1].append(delta)


@pytest.mark.parametrize("norm", ["l2", "linf"])
@pytest.mark.parametrize("early", [True, False])
def test_equals_algorithm_1(make_criterion, make_model, sample, norm, early):
    model = make_model().double()
    # The l-inf norm counts one channel.
    scale = 1.0 if norm == "l2" else 0.1
    size, init, bound = 0.5 * scale, 0.4 * scale, 0.6 * scale
    criterion = make_criterion(
        adversarial_steps=4,
        adversarial_step_size=size,
        adversarial_init=init,
        adversarial_max_norm=bound,
        adversarial_norm=norm,
    )
    results = []
    found = perturbations(
        model, sample, lambda: results.append(step(criterion, model, sample, early))
    )
    ((log, grads),) = results
    twin = Algorithm1(make_model(), sample, found[0], 4, size, bound, norm)

    for row, length in enumerate(LENGTHS):
        for t in range(4):
            expected = twin.deltas[row][t][0]
            torch.testing.assert_close(found[t][row, :length], expected, rtol=1e-4, atol=1e-5)
    # fairseq's soft-max computes in float32, whatever the model.
    expected = gradients(twin.model)
    assert grads.keys() == expected.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(grads[name], gradient, rtol=1e-4, atol=1e-5)
    values = reduced(log)
    in_bits = [loss / 4 / math.log(2) for loss in twin.losses]
    assert values["loss"] == pytest.approx(sum(in_bits) / 4, abs=1e-3)
    assert values["adversarial_loss"] == pytest.approx(in_bits[3], abs=1e-4)
    assert values["loss_rise"] == pytest.approx(in_bits[3] - in_bits[0], abs=1e-4)
    order = 2 if norm == "l2" else math.inf
    norms = [torch.linalg.vector_norm(twin.deltas[row][3], order) for row in range(4)]
    assert values["delta_norm"] == pytest.approx(sum(norms).item() / 4, abs=1e-4)
    assert values["loss_rise"] > 0.1  # the perturbation reaches the model, and hurts


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_the_first_perturbation(make_criterion, make_model, sample, norm):
    """Uniform; in the l2 norm as long as the magnitude over the square root of 3."""
    model = make_model().double()
    criterion = make_criterion(
        adversarial_steps=1, adversarial_init=0.2, adversarial_max_norm=0, adversarial_norm=norm
    )
    (delta,) = perturbations(model, sample, lambda: criterion(model, sample))
    shares = []
    for row, length in enumerate(LENGTHS):
        real = delta[row, :length]
        shares.append(real.flatten() / (0.2 if norm == "linf" else 0.2 / math.sqrt(16 * length)))
        if norm == "l2":
            assert real.norm() == pytest.approx(0.2 / math.sqrt(3), rel=0.2)
        assert delta[row, length:].eq(0).all()
    shares = torch.cat(shares)
    assert shares.abs().max() <= 1 + 1e-6
    assert shares.min() < -0.95 and shares.max() > 0.95
    assert shares.mean().abs() < 0.1 and shares.var().item() == pytest.approx(1 / 3, rel=0.15)


@pytest.mark.parametrize("norm", ["l2", "linf"])
@pytest.mark.parametrize(("bound", "init"), [(0.6, 0.4), (0.05, 2.0)])
def test_no_perturbation_leaves_the_ball_or_enters_padding(
    make_criterion, make_model, sample, norm, bound, init
):
    model = make_model().double()
    order = 2 if norm == "l2" else math.inf

    def norms(radius):
        criterion = make_criterion(
            adversarial_steps=4,
            adversarial_step_size=0.5,
            adversarial_init=init,
            adversarial_max_norm=radius,
            adversarial_norm=norm,
        )
        deltas = perturbations(model, sample, lambda: criterion(model, sample))
        padding = sample["net_input"]["src_tokens"].eq(PAD)
        assert all(delta[padding].eq(0).all() for delta in deltas)
        return torch.stack([delta.flatten(1).norm(order, dim=1) for delta in deltas])

    assert norms(bound).max() == pytest.approx(bound, rel=1e-6)
    assert norms(0)[-1].min() > bound


class BagOfWords(nn.Module):
    """Reads the padding too."""

    def __init__(self):
        super().__init__()
        self.embed_tokens = nn.Embedding(60, 16)
        self.classification_heads = nn.ModuleDict({HEAD: nn.Linear(16, 3)})

    def forward(self, src_tokens, **_settings):
        return self.classification_heads[HEAD](self.embed_tokens(src_tokens).mean(dim=1)), {}

    def get_targets(self, sample, _output):
        return sample["target"]


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_padding_stays_in_a_model_that_reads_it(make_criterion, sample, norm):
    model, seen = BagOfWords(), []
    model.classification_heads[HEAD].register_forward_pre_hook(
        lambda _module, inputs: seen.append(inputs[0].detach())
    )
    criterion = make_criterion(
        adversarial_steps=2, adversarial_init=0.0, adversarial_max_norm=0, adversarial_norm=norm
    )
    criterion(model, sample)
    # Equal steps of all words, 0.1 in the norm: their mean counts the words that moved.
    moved = (seen[1] - seen[0]).norm(2 if norm == "l2" else math.inf, dim=1)
    lengths = torch.tensor(LENGTHS, dtype=torch.float)
    expected = 0.1 * (lengths.sqrt() if norm == "l2" else lengths) / 9
    torch.testing.assert_close(moved, expected)


def test_no_steps_is_plain_fine_tuning_to_the_bit(make_criterion, make_model, sample, stock):
    results = []
    for criterion in (stock, make_criterion(adversarial_steps=0)):
        model = make_model(dropout=0.3)
        torch.manual_seed(5)
        loss, sample_size, log = criterion(model, sample)
        loss.backward()
        results.append((loss, sample_size, log, gradients(model), torch.rand(1)))
    (loss, size, log, grads, after), (loss2, size2, log2, grads2, after2) = results
    assert torch.equal(loss, loss2) and size == size2
    assert log == log2
    assert grads.keys() == grads2.keys()
    assert all(torch.equal(grads[name], grads2[name]) for name in grads)
    assert torch.equal(after, after2)


def test_validation_is_that_of_plain_fine_tuning(make_criterion, make_model, sample, stock):
    model = make_model(dropout=0.3).eval()
    with torch.no_grad():
        loss, _, log = make_criterion()(model, sample)
        assert torch.equal(loss, stock(model, sample)[0])
    assert reduced(log).keys() == {"loss", "nll_loss", "accuracy"}


# Noise that is new in each step.
NOISY = {
    "dropout": {"dropout": 0.3},
    "layerdrop": {"encoder_layerdrop": 0.5},
    "quantization": {"quant_noise_pq": 0.3, "quant_noise_pq_block_size": 4},
}


@pytest.fixture
def make_noisy_model(make_model):
    """The model of a training: the trainer makes the noise of quantization end with a pass."""

    def make(**settings):
        model = make_model(**settings)
        keep_weights(lambda *_: None, None, None, None, model)
        return model

    return make


@pytest.mark.parametrize("noise", NOISY.values(), ids=[*NOISY])
def test_one_backward_pass_has_the_gradients_of_many(
    make_criterion, make_noisy_model, sample, noise
):
    found = []
    for early in (True, False):
        torch.manual_seed(7)  # of the noise and of dropout
        model = make_noisy_model(**noise).double()
        found.append(step(make_criterion(), model, sample, early))
    (log, grads), (log2, grads2) = found
    assert log.keys() == log2.keys() and grads.keys() == grads2.keys()
    assert all(float(log[key]) == pytest.approx(float(log2[key]), rel=1e-6) for key in log)
    for name, gradient in grads.items():
        torch.testing.assert_close(gradient, grads2[name])


@pytest.mark.parametrize("noise", NOISY.values(), ids=[*NOISY])
def test_the_passes_of_a_step_have_the_same_dropout_and_those_of_the_next_another(
    make_criterion, make_noisy_model, sample, noise
):
    criterion = make_criterion(adversarial_step_size=0.0, adversarial_init=0.0)
    model = make_noisy_model(**noise)
    logs = [step(criterion, model, sample)[0] for _ in range(2)]
    for log in logs:
        assert log["loss_rise"] == 0
        assert log["loss"].item() == pytest.approx(log["adversarial_loss"].item(), rel=1e-6)
    assert logs[0]["loss"].item() != pytest.approx(logs[1]["loss"].item(), rel=1e-3)


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_a_step_has_as_many_forward_passes_as_perturbations(
    make_criterion, make_model, sample, steps
):
    model, passes = make_model(), []
    model.register_forward_hook(lambda *_: passes.append(1))
    log, _ = step(make_criterion(adversarial_steps=steps), model, sample)
    assert len(passes) == steps
    assert log.keys() >= EXTRA


def test_the_scale_of_the_loss_does_not_change_the_perturbations(
    make_criterion, make_model, sample
):
    """fp16 training multiplies the loss."""
    logs = []
    for scale in (1.0, 1024.0):
        torch.manual_seed(7)
        logs.append(step(make_criterion(), make_model().double(), sample, scale=scale)[0])
    assert logs[0]["adversarial_loss"].item() == pytest.approx(logs[1]["adversarial_loss"].item())


@pytest.mark.parametrize("early", [True, False])
def test_a_model_in_half_precision_is_perturbed_in_single(
    make_criterion, make_model, sample, early
):
    model = make_model(dropout=0.1).bfloat16()
    log, _ = step(make_criterion(adversarial_steps=1), model, sample, early)
    assert log["delta_norm"].dtype == torch.float32  # of the first noise
    criterion = make_criterion(adversarial_steps=2, adversarial_init=0.0)
    model.zero_grad()
    log, grads = step(criterion, model, sample, early)
    assert log["delta_norm"].item() / 4 == pytest.approx(0.1, rel=1e-6)  # bfloat16 has 0.1001
    assert log["loss_rise"] > 0
    assert all(g.dtype == torch.bfloat16 and g.isfinite().all() for g in grads.values())


def test_workers_with_one_seed_have_different_noise(
    make_criterion, make_model, sample, monkeypatch
):
    """The first is worth what a single one is."""
    criterion, model = make_criterion(adversarial_steps=1), make_model()

    def noise():
        torch.manual_seed(7)
        (delta,) = perturbations(model, sample, lambda: criterion(model, sample))
        return delta, torch.rand(1)  # dropout's numbers stay alike

    results = [noise()]
    for rank in (0, 1):
        monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
        monkeypatch.setattr(torch.distributed, "get_rank", lambda rank=rank: rank)
        results.append(noise())
    (alone, rest), (first, rest1), (second, rest2) = results
    assert torch.equal(alone, first) and rest == rest1 == rest2
    assert F.cosine_similarity(first.flatten(), second.flatten(), dim=0).abs() < 0.3


def test_regression(make_criterion, make_model, sample):
    """The mean of squared errors; a step is bounded for an example, not for a target."""
    sample = {**sample, "target": torch.tensor([[0.5, 1.0], [2.0, 0.0], [0.0, 0.1], [1.5, 0.3]])}
    criterion = make_criterion(regression_target=True, adversarial_steps=2, adversarial_init=0.0)
    model = make_model(classes=2)
    with torch.no_grad():
        logits, _ = model(**sample["net_input"], features_only=True, classification_head_name=HEAD)
    log, _ = step(criterion, model, sample)
    first = log["adversarial_loss"] - log["loss_rise"]
    assert first.item() == pytest.approx((logits - sample["target"]).pow(2).sum().item(), rel=1e-5)
    values = reduced(log)
    assert values["loss_rise"] > 0 and "accuracy" not in values
    assert values["delta_norm"] == pytest.approx(0.1, abs=1e-4)


def test_figures_of_several_batches_are_means_over_their_examples(
    make_criterion, make_model, sample
):
    model, criterion = make_model(), make_criterion(adversarial_init=0.0)
    few = {
        **sample,
        "net_input": {key: value[:1] for key, value in sample["net_input"].items()},
        "target": sample["target"][:1],
    }
    logs = [step(criterion, model, batch)[0] for batch in (sample, few)]
    both, one, other = reduced(*logs), *map(reduced, logs)
    for key in ("loss", "accuracy", *EXTRA):
        tolerance = 0.1 if key == "accuracy" else 2e-3  # they are rounded
        assert both[key] == pytest.approx((4 * one[key] + other[key]) / 5, abs=tolerance), key


class TwoLayers(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Module(), nn.Module()
        self.first.embed_tokens, self.second.embed_tokens = nn.Embedding(9, 2), nn.Embedding(9, 2)


@pytest.mark.parametrize(("model", "number"), [(nn.Linear(2, 2), 0), (TwoLayers(), 2)])
def test_the_layer_to_perturb_must_be_the_only_one(make_criterion, sample, model, number):
    with pytest.raises(InputError, match=f"called embed_tokens, but this --arch has {number}"):
        make_criterion()(model.train(), sample)


def test_a_layer_that_embeds_something_else_is_refused(make_criterion, make_model, sample):
    model = make_model()
    embed = model.encoder.sentence_encoder.embed_tokens
    model.register_forward_pre_hook(lambda *_: embed(torch.tensor([[4]])) and None)
    with pytest.raises(InputError, match=r"does not embed src_tokens: its output is \(1, 1, 16\)"):
        make_criterion()(model, sample)


def test_checkpointed_activations_need_a_task_with_early_backward_passes(
    make_criterion, make_model, sample
):
    """The losses are then those without."""
    criterion, logs = make_criterion(), []
    for checkpointed in (False, True):
        model = make_model(dropout=0.2, checkpoint_activations=checkpointed)
        torch.manual_seed(7)
        logs.append(step(criterion, model, sample)[0])
    assert logs[0]["loss"].item() == pytest.approx(logs[1]["loss"].item(), rel=1e-6)
    message = "leave it out, or use --task clld_classification"
    with pytest.raises(InputError, match=message):
        step(criterion, model, sample, early=False)
