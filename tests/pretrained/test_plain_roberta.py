"""The plain RoBERTa inside a checkpoint."""

from argparse import Namespace

import pytest
import torch
from fairseq.data import Dictionary
from fairseq.models.roberta import RobertaModel
from omegaconf import OmegaConf

from data_prep.errors import InputError
from fairseq_cline.pretrained.plain_roberta import plain_roberta

SIZES = {"encoder_embed_dim": 8, "encoder_ffn_embed_dim": 8, "encoder_attention_heads": 2}


def encoder(layers):
    """The weights of a RoBERTa of a dictionary without words."""
    args = Namespace(encoder_layers=layers, max_positions=16, **SIZES)
    dictionary = Dictionary()
    dictionary.add_symbol("<mask>")
    task = Namespace(source_dictionary=dictionary)
    return RobertaModel.build_model(args, task).state_dict()


def state(arch):
    model = Namespace(
        arch=arch,
        data="data-bin",
        max_positions=16,
        seed=1,
        encoder_layers=2,
        **SIZES,
        noise=object(),
        activation_fn="gelu",
        pooler_activation_fn="__import__('os')",
        encoder_layers_to_keep="x",
        user_dir="/tmp",
        dropout="0.1",
        quant_noise_pq="1",
    )
    weight = torch.ones(2)
    cfg = OmegaConf.create(
        {"common": {"user_dir": "plugin", "seed": 1}, "task": {}}, flags={"allow_objects": True}
    )
    cfg.model = model
    return {
        "cfg": cfg,
        "criterion": {"s": weight},
        "extra_state": {"train_iterator": {"epoch": 7}},
        "model": {
            **encoder(2),
            "rtd_head.bias": weight,
            "reference.network.layer": weight,
            "alignment.momentum_encoder.network.encoder.layer": weight,
            "classification_heads.x.bias": weight,
        },
    }


@pytest.mark.parametrize("arch", ["cline_roberta_tiny", "dcl_roberta_base"])
def test_only_the_encoder_and_plain_values_are_left(arch):
    plain, left_out = plain_roberta("x.pt", state(arch), Dictionary())
    assert [words.split()[0] for words in left_out] == ["CLINE's", "the", "DCL's", "the"]
    assert plain["model"].keys() == encoder(2).keys()
    assert plain["criterion"] is None
    assert plain["extra_state"]["train_iterator"]["epoch"] == 1
    settings = plain["cfg"]["model"]
    assert settings["arch"] == settings["_name"] == "roberta"
    assert settings["encoder_layers"] == 2 and settings["activation_fn"] == "gelu"
    numbers = {"encoder_layers", "max_positions", *SIZES}
    assert settings.keys() == {"_name", "arch", "activation_fn", *numbers}
    assert plain["cfg"]["task"]["_name"] == "masked_lm"
    assert plain["cfg"]["task"]["tokens_per_sample"] == 16
    assert plain["cfg"]["common"]["user_dir"] is None


@pytest.mark.parametrize("given", [state("transformer_lm"), {"cfg": None, "model": {}}])
def test_another_model_is_refused(given):
    with pytest.raises(InputError, match="of an encoder like RoBERTa or BERT"):
        plain_roberta("x.pt", given, Dictionary())


@pytest.mark.parametrize("option", [("token_types", 2), ("layer_norm_eps", 1e-12)])
def test_what_stock_fairseq_cannot_express_is_refused(option):
    given = state("cline_bert")
    setattr(given["cfg"].model, *option)
    with pytest.raises(InputError, match="stock fairseq's RoBERTa cannot have.*huggingface"):
        plain_roberta("x.pt", given, Dictionary())


def test_another_vocabulary_is_refused():
    dictionary = Dictionary()
    dictionary.add_symbol("more")
    with pytest.raises(InputError, match=r"x.pt: its word table .*--tokenizer"):
        plain_roberta("x.pt", state("cline_roberta_tiny"), dictionary)


@pytest.mark.parametrize("name", [name for name in encoder(2) if "version" not in name])
def test_a_missing_weight_is_named(name):
    whole = state("cline_roberta_tiny")
    del whole["model"][name]
    with pytest.raises(InputError, match=rf"x.pt: .*checkpoint lacks {name}.*; give .* whole"):
        plain_roberta("x.pt", whole, Dictionary())


@pytest.mark.parametrize("name", encoder(2))
def test_a_weight_of_another_shape_is_named(name):
    odd = state("cline_roberta_tiny")
    odd["model"][name] = torch.cat([odd["model"][name], odd["model"][name]])
    with pytest.raises(InputError, match=r"x.pt: .*(in the checkpoint and \[|of the shape)"):
        plain_roberta("x.pt", odd, Dictionary())


def test_an_encoder_of_too_many_layers_is_not_built():
    odd = state("cline_roberta_tiny")
    odd["cfg"].model.encoder_layers = 10**9
    with pytest.raises(InputError, match="x.pt: .*encoder_layers"):
        plain_roberta("x.pt", odd, Dictionary())
