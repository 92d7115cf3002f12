"""Models of the family: sentences, the pooler, checkpoints."""

import argparse

import pytest
import torch
from fairseq.models.roberta import RobertaModel

from fairseq_cline.models.cline_roberta import ClineRobertaModel
from fairseq_cline.models.dcl_roberta import DclRobertaModel

HEAD = "sentence_classification_head"
TOKENS = torch.tensor([[0, 7, 8, 9, 2], [0, 5, 2, 1, 1]])
POOLER = {"encoder.pooler_weight", "encoder.pooler_bias"}


def test_the_vector_of_a_sentence(make_encoder):
    features = torch.randn(2, 5, 12)
    assert torch.equal(make_encoder().sentence(features, TOKENS), features[:, 0])
    found = make_encoder(sentence_feature="mean").sentence(features, TOKENS)
    for row, length in enumerate((5, 3)):
        torch.testing.assert_close(found[row], features[row, :length].mean(0))


def test_a_configuration_without_the_options_is_a_roberta(make_encoder):
    """Checkpoints of before, and fairseq's own: the same names, the same numbers."""
    model = make_encoder(ClineRobertaModel)
    args = argparse.Namespace(**vars(model.args))
    stock = RobertaModel.build_model(
        args, argparse.Namespace(source_dictionary=model.encoder.dictionary)
    )
    added = {"rtd_head.projection.weight", "rtd_head.projection.bias"}
    assert model.state_dict().keys() == stock.state_dict().keys() | added
    model.load_state_dict({**stock.state_dict()}, strict=True)
    assert torch.equal(model(TOKENS)[0], stock.eval()(TOKENS)[0])


@pytest.mark.parametrize("kind", [ClineRobertaModel, DclRobertaModel])
def test_all_models_have_the_switches(make_encoder, kind):
    model = make_encoder(kind, token_types=2, embedding_dim=8, share_layers=True, pooler=True)
    names = model.state_dict().keys()
    assert {"encoder.sentence_encoder.embed_token_types.weight", *POOLER} <= names
    assert {"encoder.sentence_encoder.projection.weight"} <= names
    assert not any(".layers.1." in name for name in names)
    other = make_encoder(kind, token_types=2, embedding_dim=8, share_layers=True, pooler=True)
    other.load_state_dict(model.state_dict(), strict=True)
    assert torch.equal(model(TOKENS)[0], other(TOKENS)[0])


def pooled(make_encoder):
    """A checkpoint with a pooler of known numbers, without a head."""
    state = make_encoder(pooler=True).state_dict()
    state["encoder.pooler_weight"] = torch.arange(144.0).view(12, 12)
    state["encoder.pooler_bias"] = torch.arange(12.0)
    return state


def test_nothing_trains_the_pooler(make_encoder):
    model = make_encoder(pooler=True)
    assert not POOLER & {name for name, _ in model.named_parameters()}
    assert model.state_dict().keys() >= POOLER
    assert not POOLER & make_encoder().state_dict().keys()


@pytest.mark.parametrize("registered", ["before", "after"])
def test_a_new_head_starts_from_the_pooler(make_encoder, registered):
    """fairseq's task registers it before it loads the checkpoint, users of the hub after."""
    state, model = pooled(make_encoder), make_encoder(pooler=True)
    if registered == "before":
        model.register_classification_head(HEAD, num_classes=3)
    model.load_state_dict({**state}, strict=True)
    if registered == "after":
        model.register_classification_head(HEAD, num_classes=3)
    dense = model.classification_heads[HEAD].dense
    assert torch.equal(dense.weight, state["encoder.pooler_weight"])
    assert torch.equal(dense.bias, state["encoder.pooler_bias"])
    hidden = model(TOKENS, features_only=True)[0][:, 0]
    pooler = torch.tanh(hidden @ state["encoder.pooler_weight"].T + state["encoder.pooler_bias"])
    out = model.classification_heads[HEAD].out_proj
    logits, _ = model(TOKENS, classification_head_name=HEAD)
    torch.testing.assert_close(logits, out(pooler))


def test_the_head_of_a_checkpoint_stays(make_encoder):
    tuned = make_encoder(pooler=True)
    tuned.register_classification_head(HEAD, num_classes=3)
    state = {**tuned.state_dict(), **pooled(make_encoder)}
    model = make_encoder(pooler=True)
    model.register_classification_head(HEAD, num_classes=3)
    model.load_state_dict({**state}, strict=True)
    dense = f"classification_heads.{HEAD}.dense.weight"
    assert torch.equal(model.state_dict()[dense], state[dense])
    other = make_encoder(pooler=True)  # of other classes: fairseq makes a new one
    other.register_classification_head(HEAD, num_classes=2)
    other.load_state_dict({**state}, strict=True)
    assert torch.equal(other.state_dict()[dense], state["encoder.pooler_weight"])


def test_a_head_of_another_width_is_fresh(make_encoder):
    model = make_encoder(pooler=True)
    model.register_classification_head(HEAD, num_classes=3, inner_dim=5)
    model.load_state_dict(pooled(make_encoder), strict=True)
    assert model.classification_heads[HEAD].dense.weight.abs().max() < 1


def test_a_model_without_a_pooler_leaves_it_out(make_encoder, caplog):
    with caplog.at_level("INFO"):
        make_encoder().load_state_dict(pooled(make_encoder), strict=True)
    assert "encoder.pooler_* of the checkpoint has no use here: left out" in caplog.text


@pytest.mark.parametrize("part", ["rtd_head.", "alignment.", "reference.network."])
def test_parts_of_other_methods_are_left_out(make_encoder, caplog, part):
    model = make_encoder()
    state = model.state_dict()
    with caplog.at_level("INFO"):
        make_encoder().load_state_dict({**state, f"{part}x": torch.ones(1)}, strict=True)
    assert f"{part.partition('.')[0]}.* of the checkpoint has no use here" in caplog.text
