"""Hostile configurations in checkpoints, as tensors and texts alone: nothing of them is run."""

import argparse

import pytest
import torch
from fairseq import checkpoint_utils, models, tasks
from omegaconf import OmegaConf

import fairseq_cline.plugin  # noqa: F401 - prepares fairseq
from data_prep.errors import InputError
from fairseq_cline.compat.configurations import FILES

COMMAND = "__import__('os').system('touch ran')"


def saved(path, cfg=None, args=None):
    history = [{"optimizer_name": "Adam", "lr_scheduler_state": {}}]
    extra = {"train_iterator": {"epoch": 1}}
    state = {"model": {}, "cfg": cfg, "args": args}
    torch.save({**state, "optimizer_history": history, "extra_state": extra}, path)
    return str(path)


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Loads a checkpoint of a configuration: `load({"model": {...}})`; nothing may be written."""
    monkeypatch.chdir(tmp_path)

    def call(cfg=None, args=None):
        path = saved(tmp_path / "x.pt", cfg, args)
        before = sorted(tmp_path.iterdir())
        try:
            return checkpoint_utils.load_checkpoint_to_cpu(path)
        finally:
            assert sorted(tmp_path.iterdir()) == before

    return call


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("part", ["model", "criterion", "task"])
def test_names_of_files_are_taken_out(load, name, part):
    state = load({part: {"_name": "roberta", name: "secret.txt", "dropout": 0.1}})
    assert state["cfg"][part] == {"_name": "roberta", name: None, "dropout": 0.1}


def test_paths_are_taken_out_of_any_option_of_a_model(load):
    state = load({"model": {"one": "/etc/passwd", "two": "http://x", "activation_fn": "relu"}})
    assert state["cfg"].model == {"one": None, "two": None, "activation_fn": "relu"}


def test_names_of_files_are_taken_out_of_old_arguments(load):
    args = argparse.Namespace(encoder_embed_path="a.txt", arch="lstm_lm", task="language_modeling")
    assert load(args=args)["args"].encoder_embed_path is None


@pytest.mark.parametrize("part", ["model", "task", "common"])
@pytest.mark.parametrize("value", ["${oc.env:HOME}", "a ${x} b", ["${oc.env:HOME}"]])
def test_references_to_other_values_are_refused(load, part, value):
    with pytest.raises(InputError, match=r"x\.pt: refused, because its configuration refers"):
        load({part: {"x": value}})
    with pytest.raises(InputError, match=r"x\.pt: refused, because its configuration refers"):
        load(args=argparse.Namespace(x=value))


@pytest.mark.parametrize("cfg", ["text", 3, [1], torch.zeros(2)])
def test_what_is_no_configuration_is_refused(load, cfg):
    with pytest.raises(InputError, match="its 'cfg' is no configuration but a "):
        load(cfg)


@pytest.mark.parametrize(
    "name",
    ["wav2vec2", "hubert", "fconv_self_att", "hf_gpt2", "roberta_enc_dec_x", "no_such", None,
     "transformer_from_pretrained_xlm", "s2t_transformer", "CodeHiFiGANVocoder"],
)  # fmt: skip
def test_only_reviewed_models_are_built_from_a_checkpoint(name):
    with pytest.raises(InputError, match="which is not among those that are safe to build"):
        models.build_model(OmegaConf.create({"_name": name}), None, from_checkpoint=True)


@pytest.mark.parametrize(
    "name", ["audio_pretraining", "speech_to_text", "online_backtranslation", "no_such", None]
)
def test_only_reviewed_tasks_are_set_up_from_a_checkpoint(name):
    with pytest.raises(InputError, match="which is not among those that are safe to build"):
        tasks.setup_task(OmegaConf.create({"_name": name}), from_checkpoint=True)


def test_the_data_folder_is_the_users(load, tmp_path):
    path = saved(tmp_path / "x.pt", {"task": {"_name": "masked_lm", "data": "/etc"}})
    with pytest.raises(InputError, match="the data folder that a checkpoint names is not opened"):
        checkpoint_utils.load_model_ensemble_and_task([path])
