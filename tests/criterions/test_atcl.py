"""The ATCL step on language models: Eq. 1, 5, 6 and 7, the special cases, and the trainer."""

import argparse
import copy
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from fairseq.criterions.adaptive_loss import AdaptiveLoss
from fairseq.criterions.cross_entropy import CrossEntropyCriterion
from fairseq.data import Dictionary
from fairseq.logging import metrics
from fairseq.models.lstm_lm import LSTMLanguageModel
from fairseq.models.lstm_lm import base_architecture as lstm_architecture
from fairseq.models.transformer_lm import TransformerLanguageModel, base_lm_architecture

from data_prep.errors import InputError
from fairseq_cline.criterions.atcl_cross_entropy import (
    AtclCrossEntropyConfig,
    AtclCrossEntropyCriterion,
)

PAD = 1
WORDS = 40


@pytest.fixture
def task():
    dictionary = Dictionary()
    for k in range(WORDS):
        dictionary.add_symbol(f"word{k}")
    return SimpleNamespace(
        dictionary=dictionary, source_dictionary=dictionary, target_dictionary=dictionary
    )


@pytest.fixture
def make_model(task):
    def make(adaptive=False, dropout=0.0, architecture="transformer"):
        torch.manual_seed(1)
        args = argparse.Namespace(
            dropout=dropout,
            decoder_embed_dim=16,
            decoder_input_dim=16,
            decoder_output_dim=16,
            decoder_out_embed_dim=16,
            decoder_hidden_size=16,
            decoder_ffn_embed_dim=32,
            decoder_layers=2,
            decoder_attention_heads=2,
            tokens_per_sample=12,
            adaptive_softmax_cutoff="10,25" if adaptive else None,
            criterion="atcl_cross_entropy",  # fairseq's LSTM asks for it
        )
        if architecture == "lstm":
            lstm_architecture(args)
            return LSTMLanguageModel.build_model(args, task).train()
        base_lm_architecture(args)
        return TransformerLanguageModel.build_model(args, task).train()

    return make


@pytest.fixture
def make_criterion(task):
    return lambda **settings: AtclCrossEntropyCriterion(
        AtclCrossEntropyConfig(sentence_avg=False, ddp_backend="legacy_ddp", **settings), task
    )


@pytest.fixture
def sample():
    """Four sentences; the second is short, the third has no candidate."""
    generator = torch.Generator().manual_seed(3)
    tokens = torch.randint(4, 4 + WORDS, (4, 9), generator=generator)
    tokens[1, 6:] = PAD
    target = torch.roll(tokens, -1, dims=1)
    target[:, -1] = 2
    target[1, 5:] = torch.tensor([2, PAD, PAD, PAD])
    places = tokens.flatten().ne(PAD).nonzero().squeeze(1)
    rows, columns = torch.tensor([0, 1, 3]), torch.tensor([2, 0, 5])
    others = [places[places != row * 9 + column] for row, column in zip(rows, columns, strict=True)]
    negatives = torch.stack([o[torch.randperm(len(o), generator=generator)[:5]] for o in others])
    return {
        "id": torch.arange(4),
        "nsentences": 4,
        "ntokens": int(target.ne(PAD).sum()),
        "net_input": {"src_tokens": tokens, "src_lengths": tokens.ne(PAD).sum(1)},
        "target": target,
        "candidates": {"decoder": {"rows": rows, "columns": columns, "negatives": negatives}},
    }


def reduced(*logs):
    with metrics.aggregate(new_root=True) as aggregate:
        AtclCrossEntropyCriterion.reduce_metrics(list(logs))
    return aggregate.get_smoothed_values()


def gradients(model):
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def all_bands(softmax, states):
    """Log-probabilities (B, T, V) of an adaptive soft-max: frequent words, then band by band."""
    head = F.log_softmax(softmax.head(states), dim=-1)
    frequent = softmax.cutoff[0]
    tails = [
        head[..., frequent + k, None] + F.log_softmax(tail(states), dim=-1)
        for k, tail in enumerate(softmax.tail)
    ]
    return torch.cat([head[..., :frequent], *tails], dim=-1)


class FromThePaper:
    """Eq. 1, 2, 5, 6 and 7 in float64 with loops over sentences; embeddings are parameters."""

    def __init__(self, model, sample, epsilon=0.03, tau=0.07, all_in_denominator=False):
        model = copy.deepcopy(model).double()
        tokens, target = sample["net_input"]["src_tokens"], sample["target"]
        places = sample["candidates"]["decoder"]

        def run(embedded):
            handle = model.decoder.embed_tokens.register_forward_hook(lambda *_: embedded)
            states, _ = model.decoder.extract_features(tokens, None)
            handle.remove()
            return states

        def losses(states):  # (B, T)
            if model.decoder.adaptive_softmax is not None:
                log_p = all_bands(model.decoder.adaptive_softmax, states)
            else:
                log_p = F.log_softmax(model.decoder.output_layer(states), dim=-1)
            per_token = -log_p.gather(2, target.unsqueeze(2)).squeeze(2)
            return per_token * target.ne(PAD)

        embedded = model.decoder.embed_tokens(tokens).detach().requires_grad_()
        states = run(embedded)
        self.clean = losses(states).sum()
        (g,) = torch.autograd.grad(self.clean, embedded, retain_graph=True)
        moved, self.steps = embedded.clone(), []
        at = list(zip(places["rows"].tolist(), places["columns"].tolist(), strict=True))
        for row, column in at:
            step = epsilon * g[row, column] / g[row, column].pow(2).sum().sqrt()
            self.steps.append(step)
            moved = moved.index_put(
                (torch.tensor(row), torch.tensor(column)), embedded[row, column] + step
            )
        attacked = run(moved)
        self.adversarial = sum(losses(attacked)[row].sum() for row, _ in at)
        self.rise = self.adversarial - sum(losses(states)[row].sum() for row, _ in at)
        contrast = []
        for k, (row, column) in enumerate(at):
            a, p = states[row, column], attacked[row, column]
            similar = F.cosine_similarity(a, p, dim=0) / tau
            total = torch.exp(similar) if all_in_denominator else 0.0
            for place in places["negatives"][k].tolist():
                n = states[place // tokens.size(1), place % tokens.size(1)]
                total = total + torch.exp(F.cosine_similarity(a, n, dim=0) / tau)
            contrast.append(-torch.log(torch.exp(similar) / total))
        self.contrast = torch.stack(contrast)


@pytest.mark.parametrize("adaptive", [False, True])
@pytest.mark.parametrize("denominator", ["negatives", "all"])
@pytest.mark.parametrize("normalization", ["mean", "sum"])
def test_equals_the_equations(
    make_criterion, make_model, sample, adaptive, denominator, normalization
):
    model = make_model(adaptive=adaptive)
    criterion = make_criterion(
        contrastive_denominator=denominator,
        contrastive_normalization=normalization,
        adversarial_weight=0.3,
        contrastive_weight=0.2,
    )
    paper = FromThePaper(model, sample, all_in_denominator=denominator == "all")
    loss, sample_size, log = criterion(model, sample)
    contrast = paper.contrast.sum()
    if normalization == "mean":
        contrast = paper.contrast.mean() * sample["ntokens"]
    expected = paper.clean + 0.3 * paper.adversarial + 0.2 * contrast
    assert sample_size == sample["ntokens"]
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)

    bits = torch.log(torch.tensor(2.0)).item()
    values = reduced(log)
    tokens = sample["target"][[0, 1, 3]].ne(PAD).sum().item()
    assert values["loss"] == pytest.approx(paper.clean.item() / sample_size / bits, abs=1e-3)
    assert values["ppl"] == pytest.approx(2 ** (paper.clean.item() / sample_size / bits), abs=0.1)
    assert values["adversarial_loss"] == pytest.approx(
        paper.adversarial.item() / tokens / bits, abs=1e-3
    )
    assert values["contrastive_loss"] == pytest.approx(
        paper.contrast.mean().item() / bits, abs=1e-3
    )
    assert values["loss_rise"] == pytest.approx(paper.rise.item() / 3 / bits, abs=1e-3)
    assert values["delta_norm"] == pytest.approx(0.03, abs=1e-4)
    assert values["candidate_share"] == 0.75
    assert values["loss_rise"] > 0


def test_gradients_equal_the_equations(make_criterion, make_model, sample):
    """The step is a constant; the contrast reaches both passes."""
    model = make_model().double()
    loss, _, _ = make_criterion()(model, sample)
    loss.backward()

    twin = make_model().double()
    tokens = sample["net_input"]["src_tokens"]
    places = sample["candidates"]["decoder"]
    steps = torch.zeros(*tokens.shape, 16, dtype=torch.double)
    steps[places["rows"], places["columns"]] = torch.stack(FromThePaper(twin, sample).steps)

    def states(shift):
        handle = twin.decoder.embed_tokens.register_forward_hook(lambda _m, _i, out: out + shift)
        result, _ = twin.decoder.extract_features(tokens, None)
        handle.remove()
        return result

    def cross_entropy(h, rows):
        logits = twin.decoder.output_layer(h)[rows]
        return F.cross_entropy(
            logits.flatten(0, 1),
            sample["target"][rows].flatten(),
            ignore_index=PAD,
            reduction="sum",
        )

    h, attacked = states(0.0), states(steps)
    at = places["rows"], places["columns"]
    similar = F.cosine_similarity(h[at], attacked[at], dim=-1) / 0.07
    others = (
        F.cosine_similarity(h[at].unsqueeze(1), h.flatten(0, 1)[places["negatives"]], dim=-1) / 0.07
    )
    contrast = (others.exp().sum(1).log() - similar).mean() * sample["ntokens"]
    total = (
        cross_entropy(h, [0, 1, 2, 3]) + 0.1 * cross_entropy(attacked, [0, 1, 3]) + 0.1 * contrast
    )
    total.backward()
    expected, found = gradients(twin), gradients(model)
    assert expected.keys() == found.keys()
    for name, gradient in expected.items():
        # fairseq's soft-max computes in float32, whatever the model.
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-6)


def inputs_of_the_first_layer(model, run):
    """The scaled embeddings (B, T, C) of every forward pass in `run`."""
    seen = []
    hook = model.decoder.dropout_module.register_forward_hook
    handle = hook(lambda _m, inputs, _o: seen.append(inputs[0].detach()))
    run()
    handle.remove()
    return seen


def test_the_step_is_the_gradient_by_finite_differences(make_criterion, make_model, sample):
    model = make_model()
    clean, attacked = inputs_of_the_first_layer(model, lambda: make_criterion()(model, sample))
    row, column = 3, 5
    step = ((attacked - clean)[row, column] / 4.0).double()  # the decoder scales by sqrt(C)

    model = model.double()

    def loss_at(shift):
        def move(_module, _inputs, output):
            place = (torch.tensor(row), torch.tensor(column))
            return output.index_put(place, shift, accumulate=True)

        handle = model.decoder.embed_tokens.register_forward_hook(move)
        logits, _ = model(sample["net_input"]["src_tokens"])
        handle.remove()
        return F.cross_entropy(
            logits.flatten(0, 1), sample["target"].flatten(), ignore_index=PAD, reduction="sum"
        ).item()

    basis = 1e-5 * torch.eye(16, dtype=torch.double)
    numeric = torch.tensor([(loss_at(h) - loss_at(-h)) / 2e-5 for h in basis]).double()
    assert F.cosine_similarity(step, numeric, dim=0) == pytest.approx(1.0, abs=1e-4)
    assert step.norm() == pytest.approx(0.03, rel=1e-3)
    assert loss_at(step) > loss_at(0 * step) > loss_at(-step)


def test_only_candidates_are_touched(make_criterion, make_model, sample):
    """The input of the first layer differs from the clean pass at the candidates alone."""
    model = make_model()
    criterion = make_criterion(adversarial_epsilon=0.5)
    clean, attacked = inputs_of_the_first_layer(model, lambda: criterion(model, sample))
    changed = (clean - attacked).abs().sum(-1) > 1e-7
    expected = torch.zeros_like(changed)
    expected[[0, 1, 3], [2, 0, 5]] = True
    assert torch.equal(changed, expected)
    # Times the factor sqrt(C) with which the decoder scales its embeddings.
    lengths = (clean - attacked)[changed].norm(dim=-1)
    torch.testing.assert_close(lengths, torch.full((3,), 0.5 * 4.0), rtol=1e-4, atol=1e-4)


def test_relative_epsilon(make_criterion, make_model, sample):
    model = make_model()
    _, _, log = make_criterion(adversarial_epsilon=0.5, relative_epsilon=True)(model, sample)
    at = sample["candidates"]["decoder"]["rows"], sample["candidates"]["decoder"]["columns"]
    words = model.decoder.embed_tokens(sample["net_input"]["src_tokens"][at])
    assert log["delta_norm"].item() == pytest.approx(
        0.5 * words.norm(dim=-1).sum().item(), rel=1e-5
    )


@pytest.mark.parametrize("adaptive", [False, True])
def test_both_weights_zero_is_the_stock_criterion_to_the_bit(
    make_criterion, make_model, sample, task, adaptive
):
    stock = (AdaptiveLoss if adaptive else CrossEntropyCriterion)(task, False)
    results = []
    for criterion in (stock, make_criterion(adversarial_weight=0.0, contrastive_weight=0.0)):
        model = make_model(adaptive=adaptive, dropout=0.3)
        torch.manual_seed(5)
        loss, sample_size, log = criterion(model, sample)
        loss.sum().backward()
        results.append((loss, sample_size, log, gradients(model), torch.rand(1)))
    (loss, size, log, grads, after), (loss2, size2, log2, grads2, after2) = results
    assert torch.equal(loss, loss2) and size == size2 and log.keys() == log2.keys()
    assert all(torch.equal(grads[name], grads2[name]) for name in grads)
    assert torch.equal(after, after2)


@pytest.mark.parametrize("adaptive", [False, True])
def test_validation_adds_nothing(make_criterion, make_model, sample, task, adaptive):
    model = make_model(adaptive=adaptive).eval()
    stock = (AdaptiveLoss if adaptive else CrossEntropyCriterion)(task, False)
    with torch.no_grad():
        loss, _, log = make_criterion()(model, sample)
        assert torch.equal(loss, stock(model, sample)[0])
    assert reduced(log).keys() == {"loss", "ppl"}


def test_contrastive_weight_zero_is_adversarial_only(make_criterion, make_model, sample):
    model = make_model()
    loss, _, _ = make_criterion(contrastive_weight=0.0, adversarial_weight=0.7)(model, sample)
    paper = FromThePaper(model, sample)
    assert loss.item() == pytest.approx((paper.clean + 0.7 * paper.adversarial).item(), rel=1e-5)


def backward_of_the_trainer(criterion, model, sample):
    """Both backward passes, as the task's train_step runs them for a detached anchor."""
    if criterion.early_backward:
        loss, _, _ = criterion(model, sample, backward=lambda clean: clean.sum().backward())
    else:
        loss, _, _ = criterion(model, sample)
    loss.sum().backward()
    return gradients(model)


def test_a_detached_anchor_has_the_same_gradients_in_two_backward_passes_as_in_one(
    make_criterion, make_model, sample
):
    criterion = make_criterion(detach_anchor=True, contrastive_weight=0.5)
    two = backward_of_the_trainer(criterion, make_model().double(), sample)
    model = make_model().double()
    criterion(model, sample)[0].backward()
    one = gradients(model)
    assert two.keys() == one.keys()
    for name in one:
        torch.testing.assert_close(two[name], one[name], rtol=1e-9, atol=1e-12)
    attached = backward_of_the_trainer(
        make_criterion(contrastive_weight=0.5), make_model().double(), sample
    )
    assert any(not torch.allclose(attached[name], one[name], rtol=1e-3) for name in one)


def test_the_scale_of_the_loss_does_not_change_the_step(make_criterion, make_model, sample):
    """fp16 training multiplies the loss: the step depends on the gradient's direction alone."""
    criterion = make_criterion(detach_anchor=True)
    logs = []
    for scale in (1.0, 1024.0):
        model = make_model().double()
        _, _, log = criterion(model, sample, backward=lambda x, s=scale: (x * s).backward())
        logs.append(log)
    assert logs[0]["adversarial_loss"].item() == pytest.approx(logs[1]["adversarial_loss"].item())


def test_same_dropout_leaves_the_perturbation_as_the_only_difference(
    make_criterion, make_model, sample
):
    cosines = {}
    for same in (False, True):
        model = make_model(dropout=0.3)
        _, _, log = make_criterion(same_dropout=same, adversarial_epsilon=1e-4)(model, sample)
        cosines[same] = log["positive_cosine"].item() / log["candidates"]
    assert cosines[True] > 0.9999
    assert cosines[False] < 0.98


def test_the_antonym_in_the_candidates_place_is_a_negative(make_criterion, make_model, sample):
    model = make_model()
    places = sample["candidates"]["decoder"]
    places["antonyms"] = torch.tensor([7, -1, 9])
    places["negatives"] = places["negatives"][:, :0]
    _, _, log = make_criterion()(model, sample)
    tokens = sample["net_input"]["src_tokens"]
    replaced = tokens.clone()
    replaced[0, 2], replaced[3, 5] = 7, 9
    steps = FromThePaper(model, sample).steps
    embed = model.decoder.embed_tokens
    h = model.decoder.extract_features(tokens, None)[0]
    other = model.decoder.extract_features(replaced, None)[0]
    expected = 0.0
    for k, row, column in ((0, 0, 2), (2, 3, 5)):  # the second candidate has no antonym
        moved = embed(tokens).index_put(
            (torch.tensor(row), torch.tensor(column)), steps[k].float(), accumulate=True
        )
        handle = embed.register_forward_hook(lambda *_, moved=moved: moved)
        attacked = model.decoder.extract_features(tokens, None)[0]
        handle.remove()
        at = row, column
        similar, opposed = (F.cosine_similarity(h[at], x[at], dim=0) for x in (attacked, other))
        expected += (opposed - similar).item() / 0.07
    assert int(log["contrastive_anchors"]) == 2
    assert log["contrastive_loss"].item() == pytest.approx(expected, rel=1e-4)


def test_without_any_candidate_only_the_clean_loss_is_left(
    make_criterion, make_model, sample, task
):
    places = sample["candidates"]["decoder"]
    for key in places:
        places[key] = places[key][:0]
    model = make_model()
    loss, _, log = make_criterion()(model, sample)
    assert loss.item() == CrossEntropyCriterion(task, False)(model, sample)[0].item()
    values = reduced(log)
    assert values["candidate_share"] == 0 and values["adversarial_loss"] == 0


def test_an_lstm_works_too(make_criterion, make_model, sample):
    model = make_model(architecture="lstm")
    loss, _, log = make_criterion(adversarial_epsilon=0.01)(model, sample)
    loss.backward()
    assert log["loss_rise"] > 0 and loss.isfinite()


def test_a_frozen_embedding_is_perturbed_too(make_criterion, make_model, sample):
    model = make_model()
    model.decoder.embed_tokens.weight.requires_grad_(False)
    loss, _, log = make_criterion()(model, sample)
    loss.backward()
    assert reduced(log)["delta_norm"] == pytest.approx(0.03, abs=1e-4)
    assert model.decoder.embed_tokens.weight.grad is None


def test_batches_without_candidates_name_the_task_to_use(make_criterion, make_model, sample):
    del sample["candidates"]
    with pytest.raises(InputError, match="--task atcl_lm"):
        make_criterion()(make_model(), sample)
