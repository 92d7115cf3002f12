import argparse

import pytest
import torch
from fairseq.models import ARCH_CONFIG_REGISTRY
from fairseq.models.roberta import RobertaModel, base_architecture

from data_prep.errors import InputError


@pytest.fixture
def model(make_model):
    return make_model().eval()


@pytest.fixture
def tokens(batch):
    return torch.cat([batch["net_input"]["src_tokens"], batch["synonym"], batch["antonym"]])


def test_one_pass_equals_three(model, batch, tokens):
    masked = batch["target"].ne(1)
    logits, extra = model(tokens, masked_tokens=masked, triplets=True)
    features = [
        model(part, features_only=True)[0]
        for part in (batch["net_input"]["src_tokens"], batch["synonym"], batch["antonym"])
    ]
    alone, _ = model(batch["net_input"]["src_tokens"])
    torch.testing.assert_close(logits, alone[masked])
    torch.testing.assert_close(extra["sentence"], torch.cat(features)[:, 0])
    torch.testing.assert_close(extra["rtd_logits"], model.rtd_head(torch.cat(features[1:])))


def test_shapes(model, batch, tokens):
    masked = batch["target"].ne(1)
    size, length = batch["target"].shape
    logits, extra = model(tokens, masked_tokens=masked, triplets=True)
    assert logits.shape == (masked.sum(), len(model.encoder.dictionary))
    assert extra["rtd_logits"].shape == (2 * size, length)
    assert extra["sentence"].shape == (3 * size, 128)


def test_padding_changes_nothing(model, batch, tokens):
    masked = batch["target"].ne(1)
    wide = torch.nn.functional.pad(tokens, (0, 5), value=1)
    wide_masked = torch.nn.functional.pad(masked, (0, 5), value=False)
    logits, extra = model(tokens, masked_tokens=masked, triplets=True)
    wide_logits, wide_extra = model(wide, masked_tokens=wide_masked, triplets=True)
    torch.testing.assert_close(wide_logits, logits, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(wide_extra["sentence"], extra["sentence"], rtol=1e-4, atol=1e-5)
    kept = tokens[len(masked) :].ne(1)
    torch.testing.assert_close(
        wide_extra["rtd_logits"][:, :-5][kept], extra["rtd_logits"][kept], rtol=1e-4, atol=1e-5
    )


def test_without_triplets_it_is_roberta(model, pretraining_task, tokens):
    args = argparse.Namespace(
        encoder_layers=2,
        encoder_embed_dim=128,
        encoder_ffn_embed_dim=512,
        encoder_attention_heads=4,
    )
    stock = RobertaModel.build_model(args, pretraining_task).eval()
    stock.load_state_dict(
        {key: value for key, value in model.state_dict().items() if "rtd_head" not in key}
    )
    assert torch.equal(model(tokens)[0], stock(tokens)[0])
    masked = tokens.gt(20)
    assert torch.equal(model(tokens, masked_tokens=masked)[0], stock(tokens)[0][masked])


def test_save_and_load(make_model, model, tokens):
    other = make_model()
    torch.nn.init.normal_(other.rtd_head.projection.weight)
    other.load_state_dict(model.state_dict(), strict=True)
    masked = torch.ones(len(tokens) // 3, tokens.size(1), dtype=torch.bool)
    for a, b in zip(
        (model(tokens, masked_tokens=masked, triplets=True)[1]).values(),
        (other.eval()(tokens, masked_tokens=masked, triplets=True)[1]).values(),
        strict=True,
    ):
        assert torch.equal(a, b)


def test_roberta_checkpoint_gets_a_fresh_head_and_the_log_says_so(model, make_model, caplog):
    state = {k: v for k, v in model.state_dict().items() if not k.startswith("rtd_head")}
    fresh = make_model()
    before = fresh.rtd_head.projection.weight.clone()
    with caplog.at_level("INFO"):
        fresh.load_state_dict(state, strict=True)
    assert torch.equal(fresh.rtd_head.projection.weight, before)
    assert "rtd_head.projection.weight is not in the checkpoint: initialized" in caplog.text
    assert "rtd_head.projection.bias is not in the checkpoint: initialized" in caplog.text


def test_anything_else_missing_is_an_error(model, make_model):
    state = model.state_dict()
    del state["encoder.lm_head.bias"]
    with pytest.raises(RuntimeError, match="encoder.lm_head.bias"):
        make_model().load_state_dict(state, strict=True)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("embed_tokens", "has 50 symbols, this run has 48; use the dict.txt"),
        ("embed_positions", "has 50 positions .*, this run has 34; set --max-positions"),
    ],
)
def test_other_tables_of_embeddings_are_named(model, make_model, table, message):
    state = model.state_dict()
    state[f"encoder.sentence_encoder.{table}.weight"] = torch.zeros(50, 128)
    with pytest.raises(InputError, match=message):
        make_model().load_state_dict(state, strict=True)


@pytest.mark.parametrize(("size", "stock"), [("base", "roberta_base"), ("large", "roberta_large")])
def test_sizes_are_those_of_roberta(size, stock):
    ours, theirs = argparse.Namespace(), argparse.Namespace()
    ARCH_CONFIG_REGISTRY[f"cline_roberta_{size}"](ours)
    ARCH_CONFIG_REGISTRY[stock](theirs)
    base_architecture(theirs)
    assert vars(theirs).items() <= vars(ours).items()
