"""The plain RoBERTa inside a checkpoint, and the command that writes it."""

from argparse import Namespace

import pytest
import torch
from fairseq.data import Dictionary
from fairseq.models.roberta import RobertaModel
from omegaconf import OmegaConf

from data_prep.errors import InputError
from fairseq_cline import export
from fairseq_cline.pretrained.plain_roberta import plain_roberta

SIZES = {"encoder_embed_dim": 8, "encoder_ffn_embed_dim": 8, "encoder_attention_heads": 2}


def encoder(layers):
    """The weights of a RoBERTa."""
    args = Namespace(encoder_layers=layers, max_positions=16, **SIZES)
    task = Namespace(source_dictionary=Dictionary())
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
            "alignment.momentum_encoder.network.encoder.layer": weight,
            "classification_heads.x.bias": weight,
        },
    }


@pytest.mark.parametrize("arch", ["cline_roberta_tiny", "dcl_roberta_base"])
def test_only_the_encoder_and_plain_values_are_left(arch):
    plain = plain_roberta("x.pt", state(arch))
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


@pytest.mark.parametrize("given", [state("roberta_base"), {"cfg": None, "model": {}}])
def test_another_model_is_refused(given):
    with pytest.raises(InputError, match="--arch cline_roberta_... or dcl_roberta_..."):
        plain_roberta("x.pt", given)


def test_the_command_writes_a_whole_file_or_none(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(export.checkpoint_utils, "load_checkpoint_to_cpu", state)
    export.main(["cline_roberta_tiny", str(tmp_path / "roberta.pt")])
    assert set(torch.load(tmp_path / "roberta.pt")["model"]) == encoder(2).keys()
    assert f"{len(encoder(2))} tensors" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="1"):
        export.main(["roberta_base", str(tmp_path / "roberta.pt")])
    assert capsys.readouterr().err.startswith("export: error: roberta_base: its architecture is")
    assert [path.name for path in tmp_path.iterdir()] == ["roberta.pt"]


@pytest.mark.parametrize(
    "output, message", [("none/out.pt", "its folder does not exist"), ("out.pt", "missing.pt")]
)
def test_what_is_missing_is_said_in_one_line(tmp_path, capsys, output, message):
    with pytest.raises(SystemExit, match="1"):
        export.main([str(tmp_path / "missing.pt"), str(tmp_path / output)])
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("export: error: ") and message in line


@pytest.mark.parametrize("name", [name for name in encoder(2) if "version" not in name])
def test_a_missing_weight_is_named(name):
    whole = state("cline_roberta_tiny")
    del whole["model"][name]
    with pytest.raises(InputError, match=rf"x.pt: .*checkpoint lacks {name}.*; give .* whole"):
        plain_roberta("x.pt", whole)


@pytest.mark.parametrize("name", encoder(2))
def test_a_weight_of_another_shape_is_named(name):
    odd = state("cline_roberta_tiny")
    odd["model"][name] = torch.cat([odd["model"][name], odd["model"][name]])
    with pytest.raises(InputError, match=r"x.pt: .* in the checkpoint and \[.*; give .* whole"):
        plain_roberta("x.pt", odd)


def test_an_encoder_of_too_many_layers_is_not_built():
    odd = state("cline_roberta_tiny")
    odd["cfg"].model.encoder_layers = 10**9
    with pytest.raises(InputError, match="x.pt: .*encoder_layers"):
        plain_roberta("x.pt", odd)
