"""Models of checkpoints: only reviewed kinds, a whole configuration, the user's data folder."""

import argparse

import pytest
import torch
from fairseq import checkpoint_utils, criterions, models, tasks
from omegaconf import OmegaConf

from data_prep.errors import InputError
from fairseq_cline.compat.building import _choice, building_from, load_ensemble
from fairseq_cline.compat.odd_content import origin


def saved(path, cfg=None, args=None, **weights):
    history = [{"optimizer_name": "Adam", "lr_scheduler_state": {}}]
    extra = {"train_iterator": {"epoch": 1}}
    state = {"model": weights, "cfg": cfg, "args": args}
    torch.save({**state, "optimizer_history": history, "extra_state": extra}, path)
    return str(path)


@pytest.mark.parametrize(
    "name",
    ["wav2vec2", "hubert", "fconv_self_att", "hf_gpt2", "roberta_enc_dec_x", "no_such", None, 3,
     "transformer_from_pretrained_xlm", "s2t_transformer", "CodeHiFiGANVocoder", ["roberta"]],
)  # fmt: skip
def test_only_reviewed_models_are_built_from_a_checkpoint(name):
    for cfg in (OmegaConf.create({"_name": name}), argparse.Namespace(arch=name)):
        with pytest.raises(InputError, match="which is not among those that are safe to build"):
            models.build_model(cfg, None, from_checkpoint=True)
        # Not every task of fairseq says where its configuration is from.
        with pytest.raises(InputError, match=r"^x\.pt: .*safe to build"), building_from("x.pt"):
            models.build_model(cfg, None)


@pytest.mark.parametrize(
    "name", ["audio_pretraining", "speech_to_text", "online_backtranslation", "no_such", None]
)
def test_only_reviewed_tasks_are_set_up_from_a_checkpoint(name):
    with pytest.raises(InputError, match="which is not among those that are safe to build"):
        tasks.setup_task(OmegaConf.create({"_name": name}), from_checkpoint=True)


def test_no_second_name_is_taken():
    """fairseq looks at other options first for tasks, and for losses of the old kind."""
    for cfg in ({"_name": "masked_lm", "task": "audio_pretraining"}, {"task": "speech_to_text"}):
        with pytest.raises(InputError, match=cfg["task"]):
            tasks.setup_task(OmegaConf.create(cfg), from_checkpoint=True)
    old = argparse.Namespace(_name="cross_entropy", criterion="ctc")
    for settings in (old, OmegaConf.create({"_name": "ctc", "criterion": "cross_entropy"})):
        cfg = OmegaConf.create({"criterion": settings}, flags={"allow_objects": True})
        with pytest.raises(InputError, match=r"^x\.pt: the checkpoint names the criterion 'ctc'"):
            load_ensemble(lambda *_, cfg=cfg: ([None], cfg, None), ["x.pt"], {"data": "x"})
    assert _choice(OmegaConf.create({"_name": None, "arch": "lstm"}), "_name", "arch") == "lstm"


def test_the_data_folder_is_the_users(tmp_path):
    path = saved(tmp_path / "x.pt", {"task": {"_name": "masked_lm", "data": "/etc"}})
    with pytest.raises(InputError, match="the data folder that a checkpoint names is not opened"):
        checkpoint_utils.load_model_ensemble_and_task([path])


@pytest.mark.parametrize(
    ("cfg", "message"),
    [
        (None, r"no configuration of its model \(cfg\.model\)"),
        ({}, r"no configuration of its model \(cfg\.model\)"),
        ({"model": None, "task": {}}, r"no configuration of its model \(cfg\.model\)"),
        ({"model": {"_name": "roberta"}}, r"no configuration of its task \(cfg\.task\)"),
        ({"model": {}, "task": "translation"}, r"no configuration of its task \(cfg\.task\)"),
        ({"model": {"encoder_layers": 10**9}, "task": {}}, "asks for 1000000000 encoder_layers"),
        ({"model": {}, "task": {}}, "the checkpoint names the task 'None'"),
        (
            {"model": {}, "task": {"_name": "masked_lm"}},
            "no model can be made of its configuration",
        ),
    ],
)
def test_a_part_of_a_configuration_makes_no_model(tmp_path, cfg, message):
    path = saved(tmp_path / "x.pt", cfg)
    with pytest.raises(InputError, match=rf"x\.pt: .*{message}"):
        checkpoint_utils.load_model_ensemble_and_task([path], {"data": str(tmp_path)})


def test_a_criterion_needs_a_configuration():
    with pytest.raises(InputError, match="there is no configuration of a criterion"):
        criterions.build_criterion(None, None)
    cfg = OmegaConf.create({"_name": "label_smoothed_cross_entropy", "label_smoothing": "much"})
    with pytest.raises(InputError, match="the configuration of the criterion is not one"):
        criterions.build_criterion(cfg, None)


def test_an_error_of_this_package_is_not_hidden():
    """A traceback tells more about a fault of ours."""
    with pytest.raises(AttributeError), building_from("x.pt"):
        origin(None)
    with pytest.raises(NameError), building_from("x.pt"):
        raise NameError("a bug")
    with pytest.raises(InputError, match=r"^x\.pt: .*ValueError: odd"), building_from("x.pt"):
        raise ValueError("odd")
