"""The ATCL step on encoder-decoders: Eq. 1 to 7 for either side and both, and the special cases."""

import argparse
import copy
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from fairseq.criterions.label_smoothed_cross_entropy import LabelSmoothedCrossEntropyCriterion
from fairseq.data import Dictionary, LanguagePairDataset
from fairseq.logging import metrics
from fairseq.models import ARCH_CONFIG_REGISTRY, ARCH_MODEL_REGISTRY
from torch import nn

from data_prep.errors import InputError
from fairseq_cline.criterions.atcl_label_smoothed_cross_entropy import (
    AtclLabelSmoothedConfig,
    AtclLabelSmoothedCrossEntropyCriterion,
)
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.data.candidates import CandidateDataset

WORDS = ["tree", "lake", "city", "stone", "river", "house", "old", "cold", "falls", "waits"]
PAIRS = [  # the sources are of different lengths and out of order
    ("cold lake", "the cold lake waits"),
    ("old tree falls and cold stone waits", "stone falls"),
    ("7 7 7", "river house waits"),  # no word to perturb in the source
    ("old house waits", "7"),  # none in the target
    ("7 .", "7 ."),  # none at all
    ("river falls near city", "city river falls"),
]
SIDES = {"source": ["encoder"], "target": ["decoder"], "both": ["encoder", "decoder"]}
KEYS = {"encoder": "src_tokens", "decoder": "prev_output_tokens"}
ALPHA, BETA, EPSILON, TAU, SMOOTHING = 0.3, 0.2, 0.05, 0.1, 0.15
SETTINGS = {
    "adversarial_weight": ALPHA,
    "contrastive_weight": BETA,
    "adversarial_epsilon": EPSILON,
    "contrastive_temperature": TAU,
}


@pytest.fixture(scope="module")
def dictionary():
    dictionary = Dictionary()
    for word in [*WORDS, "the", "and", "near", "7", "."]:
        dictionary.add_symbol(word)
    return dictionary


@pytest.fixture
def make_model(dictionary):
    def make(arch="transformer", dropout=0.0, **settings):
        torch.manual_seed(1)
        sizes = {"embed_dim": 16, "hidden_size": 16, "ffn_embed_dim": 32, "attention_heads": 2}
        args = argparse.Namespace(
            dropout=dropout,
            max_source_positions=20,
            max_target_positions=20,
            decoder_out_embed_dim=16,
            criterion="label_smoothed_cross_entropy",  # fairseq's LSTM asks for it
            **{f"{part}_{k}": v for part in ("encoder", "decoder") for k, v in sizes.items()},
            **settings,
        )
        if arch.startswith("transformer"):
            args.encoder_layers = args.decoder_layers = 2
        ARCH_CONFIG_REGISTRY[arch](args)
        task = SimpleNamespace(source_dictionary=dictionary, target_dictionary=dictionary)
        return ARCH_MODEL_REGISTRY[arch].build_model(args, task).train()

    return make


@pytest.fixture
def make_criterion(dictionary):
    def make(**settings):
        config = AtclLabelSmoothedConfig(
            sentence_avg=False, label_smoothing=SMOOTHING, **{**SETTINGS, **settings}
        )
        return AtclLabelSmoothedCrossEntropyCriterion(
            config, SimpleNamespace(target_dictionary=dictionary)
        )

    return make


@pytest.fixture
def make_sample(dictionary):
    """A batch as the task makes it, the longest source first."""

    def make(perturb="source", left_pad_source=True):
        columns = [
            [dictionary.encode_line(text, add_if_not_exist=False).long() for text in texts]
            for texts in zip(*PAIRS, strict=True)
        ]
        sided = [part for texts in columns for part in (texts, list(map(len, texts)), dictionary)]
        dataset = LanguagePairDataset(*sided, left_pad_source=left_pad_source)
        words = CandidateWords(dictionary)
        settings = {"words": words, "num_negatives": 4, "antonyms": None, "pad": dictionary.pad()}
        for side in SIDES[perturb]:
            key, shift = ("source", 0) if side == "encoder" else ("target", 1)
            left_pad = left_pad_source and side == "encoder"
            dataset = CandidateDataset(
                dataset, key, KEYS[side], side, seed=1, shift=shift, left_pad=left_pad, **settings
            )
        return dataset.collater([dataset[index] for index in range(len(dataset))])

    return make


def reduced(log):
    with metrics.aggregate(new_root=True) as aggregate:
        AtclLabelSmoothedCrossEntropyCriterion.reduce_metrics([log])
    return aggregate.get_smoothed_values()


def gradients(model):
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


class ExtraWord(nn.Module):
    """An embedding with one more word, which is `vector`."""

    def __init__(self, weight, vector):
        super().__init__()
        self.table = torch.cat([weight, vector.unsqueeze(0)])

    def forward(self, tokens):
        return F.embedding(tokens, self.table)


class FromThePaper:
    """Eq. 1 to 7 in float64, a sentence at a time and without padding.

    A perturbed word is a new word of the vocabulary, whose embedding is e + delta.
    """

    def __init__(self, model, sample, detach=False):
        self.model = copy.deepcopy(model).double()
        self.pad = self.model.encoder.padding_idx
        places = sample["candidates"]
        words, target = sample["net_input"], sample["target"]
        sentences = [
            {side: tokens[tokens.ne(self.pad)] for side, tokens in zip(KEYS, rows, strict=True)}
            for rows in zip(*(words[KEYS[side]] for side in KEYS), strict=True)
        ]
        self.begins = {side: words[key].ne(self.pad).int().argmax(1) for side, key in KEYS.items()}
        self.widths = {side: words[key].size(1) for side, key in KEYS.items()}
        targets = [row[row.ne(self.pad)] for row in target]

        states, self.clean, self.adversarial = [], 0.0, 0.0
        attacked, replaced = {}, {}
        for row, (sentence, goal) in enumerate(zip(sentences, targets, strict=True)):
            state, loss = self.run(sentence, goal, {})
            states.append(state)
            self.clean = self.clean + loss
            chosen = {
                side: self.position(side, row, drawn["columns"][k])
                for side, drawn in places.items()
                for k in drawn["rows"].eq(row).nonzero().flatten().tolist()
            }
            if chosen:
                shifts = self.steps(sentence, goal, chosen)
                attacked[row], loss = self.run(sentence, goal, chosen, shifts)
                self.adversarial = self.adversarial + loss
                replaced[row] = self.with_antonyms(sentence, goal, row, places, chosen)

        terms = []
        for side, drawn in places.items():
            for k, row in enumerate(drawn["rows"].tolist()):
                at = self.position(side, row, drawn["columns"][k])
                anchors = [state[side].detach() if detach else state[side] for state in states]
                others = [
                    anchors[place // self.widths[side]][
                        self.position(side, place // self.widths[side], place % self.widths[side])
                    ]
                    for place in drawn["negatives"][k].tolist()
                ]
                if "antonyms" in drawn and drawn["antonyms"][k] >= 0:
                    other = replaced[row][side][at]
                    others.append(other.detach() if detach else other)
                near = F.cosine_similarity(anchors[row][at], attacked[row][side][at], dim=0) / TAU
                far = [F.cosine_similarity(anchors[row][at], x, dim=0) / TAU for x in others]
                if far:
                    terms.append(-torch.log(near.exp() / sum(x.exp() for x in far)))
        self.contrast = torch.stack(terms).mean()
        self.total = self.clean + ALPHA * self.adversarial
        self.total = self.total + BETA * self.contrast * target.ne(self.pad).sum()

    def position(self, side, row, column):
        """Position in the sentence of a column of the batch."""
        return int(column) - int(self.begins[side][row])

    def run(self, sentence, goal, chosen, shifts=None):
        """States (T, C) by side and the loss, with shifts at the chosen positions."""
        sentence, layers = dict(sentence), {}
        for side, at in chosen.items():
            part = getattr(self.model, side)
            layers[side], weight = part.embed_tokens, part.embed_tokens.weight
            part.embed_tokens = ExtraWord(weight, weight[sentence[side][at]] + shifts[side])
            sentence[side] = sentence[side].clone()
            sentence[side][at] = len(weight)
        source, read = (sentence[side].unsqueeze(0) for side in KEYS)
        encoded = self.model.encoder(source, torch.tensor([source.size(1)]))
        states, _ = self.model.decoder.extract_features(read, encoded)
        log_p = F.log_softmax(self.model.decoder.output_layer(states)[0], dim=-1)
        for side, layer in layers.items():
            getattr(self.model, side).embed_tokens = layer
        wanted = torch.full_like(log_p, SMOOTHING / (log_p.size(1) - 1))
        wanted[range(len(goal)), goal] = 1 - SMOOTHING
        # (T, 1, C), of a Transformer or an LSTM
        encoded = encoded["encoder_out"][0] if isinstance(encoded, dict) else encoded[0]
        return {"encoder": encoded[:, 0], "decoder": states[0]}, -(wanted * log_p).sum()

    def steps(self, sentence, goal, chosen):
        """Eq. 1, with the sign that raises the loss."""
        zeros = {side: torch.zeros(16, dtype=torch.double, requires_grad=True) for side in chosen}
        _, loss = self.run(sentence, goal, chosen, zeros)
        found = torch.autograd.grad(loss, list(zeros.values()))
        return {
            side: EPSILON * g / g.pow(2).sum().sqrt() for side, g in zip(chosen, found, strict=True)
        }

    def with_antonyms(self, sentence, goal, row, places, chosen):
        sentence = {side: tokens.clone() for side, tokens in sentence.items()}
        for side, at in chosen.items():
            antonyms = places[side].get("antonyms", places[side]["rows"] * 0 - 1)
            antonym = antonyms[places[side]["rows"].eq(row)].item()
            if antonym >= 0:
                sentence[side][at] = antonym
        return self.run(sentence, goal, {})[0]


def step(criterion, model, sample):
    """Loss (nats) and log after all backward passes of the trainer."""
    if not criterion.early_backward:
        loss, _, log = criterion(model, sample)
        loss.backward()
        return loss.item(), log
    clean = []

    def backward(loss):
        clean.append(loss.item())
        loss.backward()

    loss, _, log = criterion(model, sample, backward=backward)
    loss.backward()
    return sum(clean) + loss.item(), log


@pytest.mark.parametrize("perturb", SIDES)
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("detach", [False, True])
def test_equals_the_equations(make_criterion, make_model, make_sample, perturb, shared, detach):
    """The loss and all gradients; with one embedding for both sides and the output, too."""
    sample = make_sample(perturb)
    sources = sample["net_input"]["src_tokens"]
    assert sources[0, 0] != 1 and sources[-1, 0] == 1  # sorted, padded on the left
    model = make_model(share_all_embeddings=shared).double()
    assert (model.encoder.embed_tokens is model.decoder.embed_tokens) == shared
    loss, log = step(make_criterion(detach_anchor=detach), model, sample)

    paper = FromThePaper(make_model(share_all_embeddings=shared), sample, detach)
    paper.total.backward()
    # fairseq's soft-max computes in float32, whatever the model.
    assert loss == pytest.approx(paper.total.item(), rel=1e-5)
    expected, found = gradients(paper.model), gradients(model)
    assert expected.keys() == found.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-5)

    bits = torch.log(torch.tensor(2.0)).item()
    values = reduced(log)
    tokens = sample["target"].ne(1)
    assert values["loss"] == pytest.approx(
        paper.clean.item() / tokens.sum().item() / bits, abs=2e-3
    )
    attacked = set().union(*(drawn["rows"].tolist() for drawn in sample["candidates"].values()))
    assert values["adversarial_loss"] == pytest.approx(
        paper.adversarial.item() / tokens[sorted(attacked)].sum().item() / bits, abs=1e-3
    )
    assert values["contrastive_loss"] == pytest.approx(paper.contrast.item() / bits, abs=1e-3)
    assert values["candidate_share"] == pytest.approx(4 / 6, abs=1e-4)
    assert values["delta_norm"] == pytest.approx(EPSILON, abs=1e-4)
    assert values["loss_rise"] > 0


@pytest.mark.parametrize("perturb", SIDES)
def test_antonyms_on_either_side_equal_the_equations(
    make_criterion, make_model, make_sample, perturb
):
    sample = make_sample(perturb)
    for drawn in sample["candidates"].values():
        drawn["negatives"] = drawn["negatives"][:, :0]
        drawn["antonyms"] = torch.tensor([5, -1, 8, 9])
    model = make_model(share_all_embeddings=True).double()
    loss, log = step(make_criterion(), model, sample)
    paper = FromThePaper(make_model(share_all_embeddings=True), sample)
    paper.total.backward()
    assert loss == pytest.approx(paper.total.item(), rel=1e-5)
    assert int(log["contrastive_anchors"]) == 3 * len(SIDES[perturb])
    expected, found = gradients(paper.model), gradients(model)
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-5)


def changed_inputs(criterion, model, sample):
    """Side -> (B, T), where what enters its first layer differs between the two passes."""
    seen = {side: [] for side in KEYS}
    handles = [
        getattr(model, side).dropout_module.register_forward_hook(
            lambda _m, inputs, _o, side=side: seen[side].append(inputs[0].detach())
        )
        for side in KEYS
    ]
    criterion(model, sample)
    for handle in handles:
        handle.remove()
    return {side: (a - b).abs().sum(-1) > 1e-7 for side, (a, b) in seen.items()}


@pytest.mark.parametrize("perturb", SIDES)
@pytest.mark.parametrize("shared", [False, True])
def test_only_candidates_of_the_side_that_is_meant_are_touched(
    make_criterion, make_model, make_sample, perturb, shared
):
    sample = make_sample(perturb)
    model = make_model(share_all_embeddings=shared)
    for side, changed in changed_inputs(make_criterion(), model, sample).items():
        expected = torch.zeros_like(changed)
        if side in sample["candidates"]:
            drawn = sample["candidates"][side]
            expected[drawn["rows"], drawn["columns"]] = True
        assert torch.equal(changed, expected), side


@pytest.mark.parametrize("perturb", SIDES)
def test_both_weights_zero_is_the_stock_criterion_to_the_bit(
    make_criterion, make_model, make_sample, perturb
):
    sample = make_sample(perturb)
    ours = make_criterion(adversarial_weight=0.0, contrastive_weight=0.0, report_accuracy=True)
    results = []
    for criterion in (ours, stock_criterion(ours, report_accuracy=True)):
        model = make_model(dropout=0.3)
        torch.manual_seed(5)
        loss, sample_size, log = criterion(model, sample)
        loss.backward()
        results.append((loss, sample_size, log, gradients(model), torch.rand(1)))
    (loss, size, log, grads, after), (loss2, size2, log2, grads2, after2) = results
    assert torch.equal(loss, loss2) and size == size2 and log == log2
    assert all(torch.equal(grads[name], grads2[name]) for name in grads2)
    assert torch.equal(after, after2)


def stock_criterion(ours, **settings):
    return LabelSmoothedCrossEntropyCriterion(ours.task, False, SMOOTHING, **settings)


def test_validation_adds_nothing(make_criterion, make_model, make_sample):
    model, sample = make_model().eval(), make_sample("both")
    criterion = make_criterion()
    with torch.no_grad():
        loss, _, log = criterion(model, sample)
        assert torch.equal(loss, stock_criterion(criterion)(model, sample)[0])
    assert reduced(log).keys() == {"loss", "nll_loss", "ppl"}


@pytest.mark.parametrize("settings", [{"report_accuracy": True}, {"ignore_prefix_size": 1}])
def test_settings_of_the_stock_criterion_are_kept(
    make_criterion, make_model, make_sample, settings
):
    model, sample = make_model(), make_sample()
    criterion = make_criterion(**settings)
    _, _, log = criterion(model, sample)
    _, _, stock = stock_criterion(criterion, **settings)(model, sample)
    for key in stock.keys() - {"loss"}:
        assert log[key] == stock[key], key
    assert log["loss"].item() == pytest.approx(stock["loss"].item(), rel=1e-6)


@pytest.mark.parametrize("perturb", SIDES)
def test_an_lstm_equals_the_equations(make_criterion, make_model, make_sample, perturb):
    """Sources are padded on the right: it reads them so."""
    sample = make_sample(perturb, left_pad_source=False)
    loss, _ = step(make_criterion(), make_model("lstm").double(), sample)
    paper = FromThePaper(make_model("lstm"), sample)
    assert loss == pytest.approx(paper.total.item(), rel=1e-5)


def test_an_encoder_that_moves_the_padding_is_refused(make_criterion, make_model, make_sample):
    """fairseq's LSTM moves the padding to the right: the candidates' places are other words."""
    with pytest.raises(InputError, match="--left-pad-source"):
        make_criterion()(make_model("lstm"), make_sample("source"))


@pytest.mark.parametrize("perturb", SIDES)
def test_convolutions_end_in_a_clear_error(make_criterion, make_model, make_sample, perturb):
    layers = "[(16, 3)] * 2"
    model = make_model("fconv", encoder_layers=layers, decoder_layers=layers)
    with pytest.raises(InputError, match="use another --arch, for example transformer"):
        make_criterion()(model, make_sample(perturb))


def test_batches_without_candidates_name_the_task_to_use(make_criterion, make_model, make_sample):
    sample = make_sample()
    del sample["candidates"]
    with pytest.raises(InputError, match="--task atcl_translation"):
        make_criterion()(make_model(), sample)
