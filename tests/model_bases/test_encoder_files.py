"""Sizes of an encoder from the file that a training starts from: at parsing, in any task."""

import argparse
from pathlib import Path

import pytest
import torch
from fairseq import options, tasks
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from fairseq.models import ARCH_CONFIG_REGISTRY
from omegaconf import OmegaConf
from toy_checkpoints import save_checkpoint

from data_prep.errors import InputError
from fairseq_cline.compat.building import building_from
from fairseq_cline.model_bases.encoder_files import (
    encoder_options_of,
    has_fresh_masked_lm,
    starting_checkpoint,
)

SIZES = {
    "encoder_layers": 3,
    "encoder_embed_dim": 24,
    "encoder_ffn_embed_dim": 20,
    "encoder_attention_heads": 2,
    "max_positions": 40,
}
OWN = {"token_types": 2, "layer_norm_eps": 1e-12, "sentence_feature": "mean"}
OF_TASKS = {
    "cline_bert": ["--task=cline_pretrain", "--criterion=cline"],
    "dcl_bert": ["--task=dcl_pretrain", "--criterion=dcl"],
    "bert": ["--task=masked_lm", "--criterion=masked_lm"],
    "albert": ["--task=masked_lm", "--criterion=masked_lm"],
}
CLASSIFY = ["--task=sentence_prediction", "--criterion=sentence_prediction", "--num-classes=2"]


def parse(data: Path, *words):
    parser = options.get_training_parser()
    return options.parse_args_and_arch(parser, [str(data), *map(str, words)])


def build(data: Path, *words):
    cfg = convert_namespace_to_omegaconf(parse(data, *words))
    torch.manual_seed(1)
    return cfg, tasks.setup_task(cfg.task).build_model(cfg.model)


def flags(settings):
    return [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]


@pytest.fixture(scope="session")
def start(databin, tmp_path_factory) -> Path:
    """A checkpoint of --arch bert with sizes of its own."""
    words = [*OF_TASKS["bert"], "--arch=bert", "--pooler", *flags(SIZES | OWN), "--dropout=0.2"]
    cfg, model = build(databin, *words)
    return save_checkpoint(tmp_path_factory.mktemp("start") / "model.pt", cfg, model)


@pytest.mark.parametrize("arch", OF_TASKS)
@pytest.mark.parametrize("flag", ["--finetune-from-model", "--restore-file"])
def test_nobody_types_sizes(start, databin, arch, flag):
    _, model = build(databin, *OF_TASKS[arch], f"--arch={arch}", flag, start)
    expected = SIZES | OWN | {"pooler": True, "hub_type": "bert", "dropout": 0.2}
    assert {name: getattr(model.args, name) for name in expected} == expected
    model.load_state_dict(torch.load(start)["model"], strict=True)


def test_the_task_gets_the_positions_too(start, classification_databin):
    """fairseq's task gives the model its own --max-positions."""
    words = [*CLASSIFY, "--arch=bert", f"--finetune-from-model={start}"]
    cfg, model = build(classification_databin, *words)
    assert cfg.task.max_positions == model.max_positions() == 40


def test_what_the_user_types_wins(start, databin):
    typed = {"encoder_layers": 1, "dropout": 0.0, "sentence_feature": "cls", "max_positions": 32}
    words = [*OF_TASKS["bert"], "--arch=bert", f"--finetune-from-model={start}", *flags(typed)]
    _, model = build(databin, *words)
    assert {name: getattr(model.args, name) for name in typed} == typed
    assert model.args.encoder_embed_dim == 24


@pytest.mark.parametrize("arch", ["bert", "cline_bert", "dcl_bert"])
def test_without_a_file_it_is_bert_base(arch):
    args = argparse.Namespace(restore_file="checkpoint_last.pt", save_dir="/none")
    ARCH_CONFIG_REGISTRY[arch](args)
    found = (args.encoder_layers, args.encoder_embed_dim, args.encoder_attention_heads)
    assert found == (12, 768, 12)
    assert (args.token_types, args.layer_norm_eps, args.hub_type) == (2, 1e-12, "bert")
    assert args.embedding_dim is None and args.share_layers is args.pooler is False


@pytest.mark.parametrize(
    ("arch", "expected"),
    [
        ("roberta_base", {"token_types": 0, "layer_norm_eps": 1e-5, "hub_type": "roberta"}),
        ("albert_tiny", {"embedding_dim": 32, "share_layers": True, "hub_type": "albert"}),
    ],
)
def test_what_an_older_file_leaves_open_is_that_of_its_architecture(
    databin, tmp_path, arch, expected
):
    """A file of fairseq itself, or from before these options, is no BERT."""
    cfg, model = build(databin, *OF_TASKS["bert"], f"--arch={arch}", *flags(SIZES))
    for name in ("embedding_dim", "share_layers", "hub_type", "token_types", "pooler"):
        vars(cfg.model).pop(name, None)
    path = save_checkpoint(tmp_path / "old.pt", cfg, model)
    _, model = build(databin, *OF_TASKS["cline_bert"], "--arch=cline_bert", "--restore-file", path)
    expected = expected | SIZES | {"sentence_feature": "cls", "pooler": False}
    assert {name: getattr(model.args, name) for name in expected} == expected
    model.load_state_dict(torch.load(path)["model"], strict=True)


def test_a_training_that_goes_on_starts_from_its_last_checkpoint(start, tmp_path):
    args = {"restore_file": "checkpoint_last.pt", "save_dir": str(tmp_path)}
    begun = argparse.Namespace(**args, finetune_from_model=str(start))
    assert starting_checkpoint(begun) == str(start)
    (tmp_path / "checkpoint_last.pt").write_bytes(b"")
    assert starting_checkpoint(begun) == str(tmp_path / "checkpoint_last.pt")
    assert starting_checkpoint(argparse.Namespace(**args, continue_once="x")).startswith(
        str(tmp_path)
    )
    named = argparse.Namespace(restore_file="x.pt", finetune_from_model=str(start))
    assert starting_checkpoint(named) == "x.pt"
    assert starting_checkpoint(argparse.Namespace()) is None


def test_hydra_runs_find_it_too(start):
    run = OmegaConf.create({"checkpoint": {"finetune_from_model": str(start)}, "model": {}})
    ARCH_CONFIG_REGISTRY["cline_bert"](run.model)
    assert run.model.encoder_layers == 3 and run.model.sentence_feature == "mean"


def test_a_model_of_a_checkpoint_opens_no_other_file(start):
    """Whoever writes a configuration does not choose what is read."""
    args = argparse.Namespace(restore_file=str(start))
    with building_from("x.pt"):
        ARCH_CONFIG_REGISTRY["bert"](args)
    assert args.encoder_layers == 12


@pytest.mark.parametrize("flag", ["--finetune-from-model", "--restore-file"])
def test_a_missing_file_is_named(databin, tmp_path, flag):
    with pytest.raises(InputError, match=r"none\.pt: cannot be read \(No such file"):
        parse(databin, *OF_TASKS["bert"], "--arch=bert", flag, tmp_path / "none.pt")


def test_a_foreign_file_is_named(databin, classification_databin, tmp_path):
    with pytest.raises(InputError, match=r"dict\.txt: truncated, damaged or not a checkpoint"):
        encoder_options_of(str(databin / "dict.txt"))
    cfg, model = build(classification_databin, *CLASSIFY, "--arch=text_cnn")
    path = save_checkpoint(tmp_path / "cnn.pt", cfg, model)
    with pytest.raises(
        InputError, match=r"cnn\.pt: its model \(text_cnn\) is no encoder like BERT"
    ):
        encoder_options_of(str(path))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("encoder_layers", True),
        ("encoder_embed_dim", [24]),
        ("dropout", None),
        ("pooler", 1),
        ("activation_fn", "eval"),
        ("hub_type", "gpt2"),
    ],
)
def test_a_value_of_another_kind_is_refused(start, tmp_path, name, value):
    state = torch.load(start)
    setattr(state["cfg"]["model"], name, value)
    torch.save(state, tmp_path / "odd.pt")
    with pytest.raises(InputError, match=rf"odd\.pt: .*{name} is .*; give a whole checkpoint"):
        encoder_options_of(str(tmp_path / "odd.pt"))


def test_no_other_text_of_the_file_is_taken(start, tmp_path):
    state = torch.load(start)
    vars(state["cfg"]["model"]).update(user_dir="/evil", sentence_feature="/etc/passwd", data="/x")
    torch.save(state, tmp_path / "odd.pt")
    found = encoder_options_of(str(tmp_path / "odd.pt"))
    assert found["sentence_feature"] == "cls"  # left out by the review: the default
    assert not {"user_dir", "data", "_name", "arch"} & found.keys()


def test_more_layers_than_weights_are_not_built(start, tmp_path):
    state = torch.load(start)
    state["cfg"]["model"].encoder_layers = 10**7
    torch.save(state, tmp_path / "odd.pt")
    with pytest.raises(InputError, match=r"odd\.pt: .* asks for 10000000 encoder_layers"):
        encoder_options_of(str(tmp_path / "odd.pt"))


@pytest.mark.parametrize(
    ("was_fresh", "criterion", "updates", "is_fresh"),
    [
        (True, {"_name": "masked_lm"}, 0, True),  # an import
        (True, {"_name": "masked_lm"}, 1, False),
        (True, {"_name": "cline", "mlm_weight": 0.0}, 9, True),
        (True, {"_name": "cline", "mlm_weight": 0.5}, 9, False),
        (True, {"_name": "sentence_prediction"}, 9, True),
        (False, {"_name": "cline", "mlm_weight": 0.0}, 9, False),
    ],
)
def test_a_head_is_fresh_until_a_training_has_a_loss_for_it(
    was_fresh, criterion, updates, is_fresh
):
    model = argparse.Namespace(fresh_masked_lm=was_fresh)
    state = {
        "cfg": {"model": model, "criterion": OmegaConf.create(criterion)},
        "optimizer_history": [{"num_updates": updates}],
    }
    assert has_fresh_masked_lm(state) == is_fresh


@pytest.mark.parametrize("updates", [0, 5])
def test_a_training_is_told_of_a_fresh_head(start, tmp_path, updates):
    state = torch.load(start)
    state["cfg"]["model"].fresh_masked_lm = True
    state["optimizer_history"][-1]["num_updates"] = updates
    torch.save(state, tmp_path / "fresh.pt")
    trained = updates > 0  # with the masked LM of this checkpoint
    assert encoder_options_of(str(tmp_path / "fresh.pt"))["fresh_masked_lm"] == (not trained)
