"""Numbers of fairseq's own options: those that would crash a run are refused before it begins."""

from argparse import Namespace

import pytest
from fairseq import options, utils
from fairseq.dataclass.configs import FairseqConfig
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from fairseq.trainer import Trainer
from omegaconf import OmegaConf
from training_logs import assert_one_line_error

import fairseq_cline.plugin  # noqa: F401 - patches fairseq
from data_prep.errors import InputError
from fairseq_cline.compat.stock_options import OF_KINDS, RANGES, check_configuration

MODEL = ["--arch", "roberta_base", "--task", "cline_pretrain", "--criterion", "cline"]
MODEL += ["--optimizer", "adam", "--max-tokens", "64", "--max-update", "9"]


def configuration(*arguments: str):
    parsed = options.parse_args_and_arch(
        options.get_training_parser(), ["data-bin", *MODEL, *arguments]
    )
    return convert_namespace_to_omegaconf(parsed)


def test_the_defaults_pass():
    check_configuration(configuration())
    check_configuration(
        OmegaConf.create(OmegaConf.to_container(OmegaConf.structured(FairseqConfig)))
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--update-freq=0", "--update-freq is 0, but must be a number, 1 or more"),
        ("--update-freq=1,0", "--update-freq is 0, but must be"),
        (
            f"--seed={10**20}",
            f"--seed is {10**20}, which is too large, but must be a number from 0",
        ),
        ("--seed=-1", "--seed is -1, but must be a number from 0 to 2147483647"),
        (f"--power-norm-warmup={10**20}", f"--power-norm-warmup is {10**20}, which is too large"),
        ("--use-plasma-view", "--use-plasma-view needs Plasma"),
        ("--lr=", "--lr is empty; give a number"),
        ("--lr=-1", "--lr is -1.0, but must be a number, 0 or more"),
        (f"--lr={10**400}", "a number among the options is too large"),
        ("--dropout=nan", "--dropout is nan, but must be a number from 0 to 1"),
        ("--dropout=-1", "--dropout is -1.0, but must be a number from 0 to 1"),
        ("--encoder-layerdrop=2", "--encoder-layerdrop is 2.0, but must be a number from 0 to 1"),
        ("--encoder-attention-heads=7", "--encoder-attention-heads is 7, which does not divide"),
        ("--encoder-embed-dim=0", "--encoder-embed-dim is 0, but must be a number, 1 or more"),
        ("--log-interval=0", "--log-interval is 0, but must be"),
        ("--max-tokens=0", "--max-tokens is 0, but must be a number, 1 or more"),
        ("--max-tokens-valid=nan", "--max-tokens-valid is 'nan', but must be a number"),
        ("--batch-size-valid=", "--batch-size-valid is '', but must be a number"),
        ("--num-workers=99999", "--num-workers is 99999, but must be a number from 0 to 1024"),
        ("--clip-norm=nan", "--clip-norm is nan, but must be a number, 0 or more"),
        ("--patience=-2", "--patience is -2, but must be a number, -1 or more (-1: no limit)"),
        ("--adam-eps=0", "--adam-eps is 0.0, but must be a number above 0"),
        ("--adam-betas=(2, 3)", "--adam-betas is (2, 3), but must be two numbers"),
        ("--adam-betas=x", "--adam-betas is x, but must be two numbers"),
        ("--optimizer-overrides=x", "--optimizer-overrides is x, but must be a dictionary"),
        ("--lr-scheduler=polynomial_decay --total-num-update=0", "--total-num-update is 0.0, but"),
        (
            "--lr-scheduler=polynomial_decay --total-num-update=",
            "--total-num-update is '', but must",
        ),
        ("--lr-scheduler=inverse_sqrt --warmup-updates=0", "--warmup-updates is 0, but must be"),
    ],
)
def test_wrong_numbers_are_named_with_their_flag(arguments, message):
    more = ["--arch=dcl_roberta_tiny", "--task=dcl_pretrain"] if "power-norm" in arguments else []
    split = [f"--{word}" for word in f" {arguments}".split(" --")[1:]]
    with pytest.raises(InputError) as refused:
        check_configuration(configuration(*more, *split))
    assert str(refused.value).startswith(message)


def test_update_freq_is_whole(capsys):
    assert configuration("--update-freq=2,4").optimization.update_freq == [2, 4]
    with pytest.raises(SystemExit):
        configuration("--update-freq=1.5")
    assert "argument --update-freq: invalid" in capsys.readouterr().err


def test_an_empty_input_is_refused(tmp_path):
    cfg = configuration()
    cfg.interactive.input = ""
    with pytest.raises(InputError, match="--input is empty; give a file"):
        check_configuration(cfg)
    cfg.interactive.input = str(tmp_path / "text")
    (tmp_path / "text").write_text("")
    with pytest.raises(
        InputError, match="text: the file is empty; give one with a sentence a line"
    ):
        check_configuration(cfg)
    (tmp_path / "text").write_text("a\n")
    check_configuration(cfg)


def test_an_empty_save_dir_is_refused():
    cfg = configuration()
    cfg.checkpoint.save_dir = ""
    with pytest.raises(InputError, match="--save-dir is empty; give a folder"):
        check_configuration(cfg)


@pytest.mark.parametrize("power", [1e20, -1e20])
def test_a_length_penalty_that_no_length_can_have_is_refused(power):
    cfg = configuration()
    cfg.generation.lenpen = power
    with pytest.raises(
        InputError, match=r"--lenpen is -?1e\+20, but must be a number from -100 to"
    ):
        check_configuration(cfg)


def test_an_empty_data_folder_is_refused():
    cfg = configuration()
    cfg.task.data = ""
    with pytest.raises(InputError, match="the data folder is an empty text; give its path"):
        check_configuration(cfg)


def test_every_range_is_of_an_option():
    known = {action.dest for action in options.get_training_parser()._actions}
    for parser in (options.get_eval_lm_parser(), options.get_interactive_generation_parser()):
        known |= {action.dest for action in parser._actions}
    of_kinds = {"power", "total_num_update", "end_learning_rate", "warmup_updates", "adam_eps"}
    of_kinds |= {"weight_decay", "tokens_per_sample", "max_positions"}
    of_kinds |= {"max_source_positions", "max_target_positions", "max_len_a", "max_len_b"}
    assert RANGES.keys() - known <= of_kinds
    assert {name for _, name in OF_KINDS} <= of_kinds


def test_a_binary_looks_when_it_imports_the_plug_in():
    cfg = configuration("--log-interval=0")
    with pytest.raises(InputError, match="--log-interval is 0"):
        utils.import_user_module(cfg.common)
    utils.import_user_module(Namespace(user_dir=None))  # a library, which has no configuration


def test_a_trainer_looks_too():
    with pytest.raises(InputError, match="--log-interval is 0"):
        Trainer(configuration("--log-interval=0"), None, None, None)


def test_a_missing_task_is_named():
    parser = options.get_validation_parser()
    with pytest.raises(InputError, match="--task is missing; give that of the training"):
        options.parse_args_and_arch(parser, ["data-bin", "--path", "x.pt"])


def test_refusals_of_fairseq_are_one_line(classification_databin, run_fairseq, tmp_path):
    data = [classification_databin, "--cpu", "--task", "sentence_prediction"]
    path = ["--path", tmp_path / "x.pt", "--batch-size", 4]
    done = run_fairseq("validate", *data, *path)
    assert_one_line_error(done, "--classification-head-name: ", "give the --criterion that")
    data += ["--criterion", "sentence_prediction", "--arch", "roberta"]
    done = run_fairseq("train", *data, "--lr-scheduler", "polynomial_decay")
    assert_one_line_error(done, "--total-num-update is missing; give it")
    done = run_fairseq("train", *data, "--batch-size", 4, "--num-classes", 2)
    assert_one_line_error(done, "optimizer is required!; give the option of that name")
    done = run_fairseq("train", *data)
    assert_one_line_error(done, "Must specify batch size either with --max-tokens", "give one of")
