import argparse
import math

import pytest
import torch
from fairseq.models import ARCH_CONFIG_REGISTRY
from fairseq.models.roberta import RobertaModel, base_architecture

from data_prep.errors import InputError

COPY = "alignment.momentum_encoder.network.encoder."


@pytest.fixture
def inputs(pair_batch):
    """Arguments of the model: what the two networks read, and what is to be predicted."""
    target, visible = pair_batch["target"], pair_batch["net_input"]["src_tokens"]
    masked = target.ne(1)
    original = torch.where(masked, target, visible)
    return {
        "src_tokens": torch.cat([visible, pair_batch["synonym"]]),
        "masked_tokens": masked,
        "momentum_tokens": torch.cat([pair_batch["synonym"], original]),
    }


@pytest.fixture(params=["power", "batch", "none"])
def model(make_dcl_model, inputs, request):
    """A model in evaluation mode, after two batches: no two of its parts are alike."""
    model = make_dcl_model(projection_norm=request.param, momentum=0.5)
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    for update in (0, 1):
        model.follow_update(update)
        logits, extra = model(**inputs)
        (logits.square().mean() + extra["prediction"].square().mean()).backward()
        optimizer.step()
    return model.eval()


@pytest.fixture
def stock(make_dcl_task):
    """fairseq's own RoBERTa of the same size."""
    args = argparse.Namespace(
        encoder_layers=2,
        encoder_embed_dim=128,
        encoder_ffn_embed_dim=512,
        encoder_attention_heads=4,
    )
    return RobertaModel.build_model(args, make_dcl_task())


def test_one_pass_equals_many(model, inputs):
    logits, extra = model(**inputs)
    half = len(inputs["masked_tokens"])
    alone, _ = model(inputs["src_tokens"][:half])
    torch.testing.assert_close(logits, alone[inputs["masked_tokens"]])
    network = model.alignment.momentum_encoder.network
    for row in range(2 * half):
        features, _ = model(inputs["src_tokens"][row : row + 1], features_only=True)
        projection = model.alignment.projection(features[:, 0])
        torch.testing.assert_close(extra["projection"][row], projection[0], rtol=1e-4, atol=1e-5)
        prediction = model.alignment.predictor(projection)
        torch.testing.assert_close(extra["prediction"][row], prediction[0], rtol=1e-4, atol=1e-5)
        features = network.encoder(inputs["momentum_tokens"][row : row + 1])["encoder_out"][0][0]
        target = network.projection(features)
        torch.testing.assert_close(extra["target"][row], target[0], rtol=1e-4, atol=1e-5)


def test_both_networks_project_the_mean_where_it_is_asked_for(make_dcl_model, inputs):
    model = make_dcl_model({"sentence_feature": "mean"}, momentum=0.5).eval()
    change_weights(model)
    _, extra = model(**inputs)
    network = model.alignment.momentum_encoder.network
    for row in range(len(inputs["src_tokens"])):
        tokens = inputs["src_tokens"][row : row + 1]
        features, _ = model(tokens[tokens.ne(1)][None], features_only=True)
        projection = model.alignment.projection(features.mean(1))
        torch.testing.assert_close(extra["projection"][row], projection[0], rtol=1e-3, atol=1e-4)
        tokens = inputs["momentum_tokens"][row : row + 1]
        features = network.encoder(tokens[tokens.ne(1)][None])["encoder_out"][0]  # (T, 1, C)
        target = network.projection(features.mean(0))
        torch.testing.assert_close(extra["target"][row], target[0], rtol=1e-3, atol=1e-4)


def test_shapes(make_dcl_model, inputs):
    model = make_dcl_model(projection_dim=24, projection_hidden_dim=40)
    logits, extra = model(**inputs)
    assert logits.shape == (inputs["masked_tokens"].sum(), len(model.encoder.dictionary))
    assert {value.shape for value in extra.values()} == {(len(inputs["src_tokens"]), 24)}
    assert model.alignment.predictor[0].weight.shape == (40, 24)
    projection = make_dcl_model().alignment.projection  # defaults: the authors' code
    assert projection[0].weight.shape == (512, 128) and projection[-1].weight.shape == (128, 512)
    assert projection[1].warmup_updates == 1000


def test_padding_changes_nothing(model, inputs):
    wide = {
        key: torch.nn.functional.pad(value, (0, 5), value=int(key != "masked_tokens"))
        for key, value in inputs.items()
    }
    (logits, extra), (wide_logits, wide_extra) = model(**inputs), model(**wide)
    torch.testing.assert_close(wide_logits, logits, rtol=1e-4, atol=1e-5)
    for key, value in extra.items():
        torch.testing.assert_close(wide_extra[key], value, rtol=1e-4, atol=1e-5)


def test_the_momentum_network_is_trained_by_nothing_and_shares_nothing(make_dcl_model, inputs):
    model = make_dcl_model()
    copied = [*model.alignment.momentum_encoder.parameters()]
    online = [p for name, p in model.named_parameters() if "momentum_encoder" not in name]
    assert not any(p.requires_grad for p in copied) and all(p.requires_grad for p in online)
    assert not {p.data_ptr() for p in copied} & {p.data_ptr() for p in online}
    logits, extra = model(**inputs)
    assert not extra["target"].requires_grad
    (logits.sum() + extra["prediction"].square().sum()).backward()
    assert all(p.grad is None for p in copied)
    assert all(p.grad is not None for p in online)


def change_weights(model):
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter))


def slow_copy(model):
    """Names in the copy -> its weights and the online network's."""
    online = {
        "encoder": model.encoder.sentence_encoder,
        "projection": model.alignment.projection,
    }
    copy = dict(model.alignment.momentum_encoder.network.named_parameters())
    return {
        f"{part}.{name}": (copy[f"{part}.{name}"].clone(), parameter)
        for part, module in online.items()
        for name, parameter in module.named_parameters()
    }


def test_follows_every_update_once(make_dcl_model):
    """Eq. 7, when the trainer asks several times with the same number."""
    model = make_dcl_model(momentum=0.9)
    for update, asked in ((0, 1), (1, 3), (2, 1), (3, 2)):
        change_weights(model)
        before = slow_copy(model)
        assert len(before) == len([*model.alignment.momentum_encoder.parameters()])
        for _ in range(asked):
            assert model.follow_update(update) == 0.9
        for name, (after, online) in slow_copy(model).items():
            xi = before[name][0]
            expected = 0.9 * xi + 0.1 * online if update else xi
            torch.testing.assert_close(after, expected, msg=name)


def test_a_step_that_was_taken_before_the_checkpoint_is_not_repeated(make_dcl_model):
    """fairseq writes one after an update that fp16 skipped: the step before that was taken."""
    trained = make_dcl_model(momentum=0.5)
    for update in range(8):
        trained.follow_update(update)
    model = make_dcl_model(momentum=0.5)
    model.load_state_dict(trained.state_dict())
    change_weights(model)
    before = slow_copy(model)
    model.follow_update(7)
    assert all(torch.equal(after, before[k][0]) for k, (after, _) in slow_copy(model).items())


@pytest.mark.parametrize("first", [0, 7])
def test_goes_on_after_a_restart(make_dcl_model, first):
    """A resumed run begins with the step after its last update; one from 0 need not wait."""
    trained = make_dcl_model(momentum=0.5)
    for update in range(7):
        trained.follow_update(update)
    model = make_dcl_model(momentum=0.5)
    model.load_state_dict(trained.state_dict())
    change_weights(model)
    for update in (first, first + 1):
        before = slow_copy(model)
        model.follow_update(update)
        moved = [
            not torch.equal(after, before[name][0]) for name, (after, _) in slow_copy(model).items()
        ]
        assert all(moved) if update else not any(moved)


def test_momentum_grows_to_one_along_a_cosine(make_dcl_model):
    model = make_dcl_model(momentum=0.8, momentum_schedule="cosine", max_update=4)
    found = [model.follow_update(update) for update in range(5)]
    expected = [1 - 0.2 * (math.cos(math.pi * update / 4) + 1) / 2 for update in range(5)]
    assert found == pytest.approx(expected)
    assert (found[0], found[-1]) == (pytest.approx(0.8), 1.0)


def test_without_pairs_it_is_roberta(model, stock, inputs):
    state = {k: v for k, v in model.state_dict().items() if not k.startswith("alignment.")}
    stock.eval().load_state_dict(state)
    tokens = inputs["src_tokens"]
    assert torch.equal(model(tokens)[0], stock(tokens)[0])
    masked = tokens.gt(20)
    assert torch.equal(model(tokens, masked_tokens=masked)[0], stock(tokens)[0][masked])


def test_save_and_load(make_dcl_model, model, inputs):
    norms = {"PowerNorm": "power", "BatchNorm1d": "batch", "ReLU": "none"}
    norm = norms[type(model.alignment.projection[1]).__name__]
    other = make_dcl_model(projection_norm=norm)
    other.load_state_dict(model.state_dict(), strict=True)
    for a, b in zip(model(**inputs)[1].values(), other.eval()(**inputs)[1].values(), strict=True):
        assert torch.equal(a, b)


def test_other_tasks_leave_the_alignment_out(make_dcl_model, caplog):
    state = make_dcl_model().state_dict()
    plain = make_dcl_model(criterion_name="masked_lm")
    assert plain.alignment is None
    with caplog.at_level("INFO"):
        plain.load_state_dict(dict(state), strict=True)
    assert "alignment.* of the checkpoint has no use here: left out" in caplog.text
    assert plain.state_dict().keys() == {key for key in state if not key.startswith("alignment.")}


def roberta_of_2019(state):
    """The names that fairseq's released checkpoints have."""
    return {
        key.replace("encoder.", "decoder.", 1).replace("layernorm_embedding", "emb_layer_norm"): v
        for key, v in state.items()
        if not key.endswith("version")
    }


@pytest.mark.parametrize("source", ["stock", "stock of 2019", "cline"])
def test_a_checkpoint_without_alignment_gives_both_networks_its_encoder(
    make_dcl_model, make_model, stock, source, caplog
):
    saved = make_model() if source == "cline" else stock
    change_weights(saved)
    state = saved.state_dict()
    model = make_dcl_model()
    fresh = {k: v.clone() for k, v in model.state_dict().items() if k.startswith("alignment.")}
    with caplog.at_level("INFO"):
        model.load_state_dict(
            roberta_of_2019(state) if source == "stock of 2019" else dict(state), strict=True
        )
    assert "the checkpoint has no projection: initialized" in caplog.text
    loaded = model.state_dict()
    for key, value in fresh.items():
        if not key.startswith(COPY):
            assert torch.equal(loaded[key], value), key
    for name, weight in model.encoder.sentence_encoder.named_parameters():
        assert torch.equal(weight, state[f"encoder.sentence_encoder.{name}"])
        copy = model.alignment.momentum_encoder.network.encoder.get_parameter(name)
        assert torch.equal(copy, weight) and copy.data_ptr() != weight.data_ptr()


def test_cline_continues_from_it(make_dcl_model, make_model):
    state = make_dcl_model().state_dict()
    model = make_model()
    model.load_state_dict(dict(state), strict=True)
    assert torch.equal(model.encoder.lm_head.bias, state["encoder.lm_head.bias"])


@pytest.mark.parametrize(
    "settings", [{"projection_dim": 8}, {"projection_hidden_dim": 8}, {"projection_norm": "none"}]
)
def test_another_projection_is_named(make_dcl_model, settings):
    state = make_dcl_model().state_dict()
    with pytest.raises(InputError, match=r"alignment\..* is not that of this run; set --proj"):
        make_dcl_model(**settings).load_state_dict(state, strict=True)


def test_another_vocabulary_is_named(make_dcl_model):
    state = make_dcl_model().state_dict()
    state["encoder.sentence_encoder.embed_tokens.weight"] = torch.zeros(50, 128)
    with pytest.raises(InputError, match="has 50 symbols, this run has 48"):
        make_dcl_model().load_state_dict(state, strict=True)


def test_anything_else_missing_is_an_error(make_dcl_model):
    state = make_dcl_model().state_dict()
    del state["encoder.lm_head.bias"]
    with pytest.raises(RuntimeError, match="encoder.lm_head.bias"):
        make_dcl_model().load_state_dict(state, strict=True)


def test_pairs_need_the_task(make_dcl_model, inputs):
    with pytest.raises(InputError, match="--criterion dcl needs --task dcl_pretrain"):
        make_dcl_model(criterion_name="masked_lm")(**inputs)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_in_half_precision_the_momentum_network_keeps_its_own(make_dcl_model, inputs, dtype):
    model = make_dcl_model(momentum=0.999).to(dtype)
    network = model.alignment.momentum_encoder.network
    assert {p.dtype for p in network.parameters()} == {torch.float32}
    change_weights(model)
    before = [p.clone() for p in network.parameters()]
    model.follow_update(1)
    assert all(
        torch.ne(p, q).float().mean() > 0.9
        for p, q in zip(before, network.parameters(), strict=True)
    )
    logits, extra = model(**inputs)
    assert logits.dtype == extra["target"].dtype == dtype
    assert all(value.isfinite().all() for value in (logits, *extra.values()))


@pytest.mark.parametrize(("size", "stock"), [("base", "roberta_base"), ("large", "roberta_large")])
def test_sizes_are_those_of_roberta(size, stock):
    ours, theirs = argparse.Namespace(), argparse.Namespace()
    ARCH_CONFIG_REGISTRY[f"dcl_roberta_{size}"](ours)
    ARCH_CONFIG_REGISTRY[stock](theirs)
    base_architecture(theirs)
    assert vars(theirs).items() <= vars(ours).items()
