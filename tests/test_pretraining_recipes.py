"""The two pre-trainings in the sizes of the papers: settings, encoder, machines."""

import ast
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from dry_runs import CLINE, DCL, ROOT, parse, script_name

pytestmark = pytest.mark.binaries
# Variables that a LAUNCH needs beside the recipe's own.
LAUNCHES = {
    "local": {},
    "torchrun": {"NUM_MACHINES": "4", "MACHINE_RANK": "1", "MASTER_ADDR": "first"},
    "slurm": {"SLURM_JOB_NUM_NODES": "4"},
}


@pytest.mark.parametrize(
    ("gpus", "batch_size", "update_freq"), [("32", "8", 1), ("8", "8", 4), ("1", "4", 64)]
)
def test_cline_follows_section_4_1_of_the_paper(dry_run, gpus, batch_size, update_freq):
    [(launcher, arguments)] = parse(dry_run(CLINE, NUM_GPUS=gpus, BATCH_SIZE=batch_size))
    assert launcher == []
    assert (arguments.task, arguments.criterion) == ("cline_pretrain", "cline")
    assert arguments.arch == "cline_bert"
    assert (arguments.encoder_layers, arguments.encoder_embed_dim) == (2, 16)  # of the file
    assert arguments.distributed_world_size * arguments.batch_size * update_freq == 256
    assert arguments.update_freq == [update_freq]
    assert arguments.tokens_per_sample == 512
    assert (arguments.max_update, float(arguments.total_num_update)) == (30_000, 30_000)
    assert arguments.optimizer == "adam" and arguments.fp16
    assert arguments.lr == [1e-4] and arguments.warmup_updates == 500
    assert (arguments.lr_scheduler, arguments.power) == ("polynomial_decay", 1.0)
    assert arguments.end_learning_rate == 0.0
    assert ast.literal_eval(str(arguments.adam_betas)) == (0.9, 0.999)
    assert (arguments.adam_eps, arguments.weight_decay) == (1e-8, 0.01)
    assert (arguments.dropout, arguments.attention_dropout) == (0.1, 0.1)
    assert (arguments.task_weighting, arguments.negatives) == ("uncertainty", "hard")


@pytest.mark.parametrize(
    ("gpus", "batch_size", "update_freq"),
    [("8", None, 1), ("32", None, 1), ("2", "32", 4), ("1", "16", 16)],
)
def test_dcl_follows_sections_4_3_and_5_1_of_the_paper(dry_run, gpus, batch_size, update_freq):
    [(_, arguments)] = parse(dry_run(DCL, NUM_GPUS=gpus, BATCH_SIZE=batch_size, ENCODER=None))
    assert (arguments.task, arguments.criterion) == ("dcl_pretrain", "dcl")
    assert arguments.arch == "dcl_roberta_base"
    assert (arguments.encoder_layers, arguments.encoder_embed_dim) == (12, 768)
    assert arguments.distributed_world_size * arguments.batch_size * update_freq == 256
    assert arguments.update_freq == [update_freq]
    assert (arguments.optimizer, arguments.lr_scheduler) == ("adam", "cosine")
    assert arguments.lr == [1e-5] and arguments.min_lr == 0
    assert arguments.max_update == 1_000_000  # BERT's
    assert (arguments.projection_norm, arguments.power_norm_warmup) == ("power", 1000)
    assert (arguments.projection_hidden_dim, arguments.projection_dim) == (512, 128)
    assert (arguments.momentum, arguments.momentum_schedule) == (0.996, "constant")
    assert (arguments.mlm_weight, arguments.alignment_weight) == (1, 1)


def test_dcl_starts_from_nothing_when_no_checkpoint_is_named(dry_run):
    [(_, arguments)] = parse(dry_run(DCL, NUM_GPUS="8", ENCODER=None))
    assert arguments.restore_file == "checkpoint_last.pt" and not arguments.reset_optimizer


@pytest.mark.parametrize("recipe", [CLINE, DCL], ids=script_name)
def test_a_pretraining_starts_from_the_encoder_then_resumes_its_own_checkpoint(
    dry_run, tmp_path, recipe
):
    [(_, first)] = parse(dry_run(recipe, NUM_GPUS="8"))
    assert first.restore_file == str(tmp_path / "model.pt")
    assert first.save_dir == str(tmp_path / "check points")
    resets = ("reset_optimizer", "reset_dataloader", "reset_meters", "reset_lr_scheduler")
    assert all(getattr(first, reset) for reset in resets)

    (tmp_path / "check points").mkdir()
    shutil.copy(tmp_path / "model.pt", tmp_path / "check points" / "checkpoint_last.pt")
    [(_, second)] = parse(dry_run(recipe, NUM_GPUS="8"))
    assert second.restore_file == "checkpoint_last.pt"
    assert not any(getattr(second, reset) for reset in resets)


@pytest.fixture
def pretrain(dry_run, tmp_path):
    """Starts a pre-training on a machine with so many GPUs; gives what fairseq would be told."""
    for program in ("fairseq-train", "srun"):
        stub = tmp_path / "bin" / program
        stub.parent.mkdir(exist_ok=True)
        stub.write_text(f"#!/usr/bin/env bash\nprintf '%q ' {program} \"$@\"\n")
        stub.chmod(0o755)
    path = os.pathsep.join([str(tmp_path / "bin"), str(Path(sys.executable).parent)])

    def start(recipe, gpus, *options, **variables):
        (tmp_path / "torch").mkdir(exist_ok=True)
        (tmp_path / "torch" / "__init__.py").write_text(
            f"from types import SimpleNamespace\ncuda = SimpleNamespace(device_count=lambda: {gpus})\n"
        )
        return dry_run(
            recipe,
            *options,
            PATH=f"{path}{os.pathsep}{os.environ['PATH']}",
            PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}",
            **{"DRY_RUN": None, "NUM_GPUS": None, **variables},
        )

    return start


@pytest.mark.parametrize("recipe", [CLINE, DCL], ids=script_name)
def test_a_pretraining_goes_on_with_its_own_encoder_alone(pretrain, tmp_path, recipe):
    assert pretrain(recipe, 8).returncode == 0
    (tmp_path / "check points" / "checkpoint_last.pt").touch()
    assert pretrain(recipe, 8).returncode == 0
    with (tmp_path / "model.pt").open("ab") as model:
        model.write(b"another")
    refused = pretrain(recipe, 8)
    assert refused.returncode == 1 and refused.stdout == ""
    assert "has results of another encoder than" in refused.stderr
    (tmp_path / "model.pt").unlink()  # it was read at the first start
    assert pretrain(recipe, 8).returncode == 0


@pytest.mark.parametrize("recipe", [CLINE, DCL], ids=script_name)
def test_a_machine_without_a_gpu_trains_on_the_cpu(pretrain, recipe):
    for gpus, options, variables in ((0, [], {}), (0, [], {"NUM_GPUS": "8"}), (2, ["--cpu"], {})):
        run = pretrain(recipe, gpus, *options, **variables)
        said = "" if options else f"{recipe.stem}: no GPU found, training on the CPU\n"
        assert (run.returncode, run.stderr) == (0, said)
        [(_, arguments)] = parse(run)
        assert arguments.cpu and not (arguments.fp16 or arguments.bf16)
        assert arguments.distributed_world_size == 1
        assert arguments.batch_size * arguments.update_freq[0] == 256


@pytest.mark.parametrize(
    ("options", "variables", "chosen"),
    [
        ([], {}, "fp16"),
        ([], {"PRECISION": "bf16"}, "bf16"),
        ([], {"PRECISION": "fp32"}, None),
        (["--bf16"], {}, "bf16"),
        (["--memory-efficient-fp16"], {}, "memory-efficient-fp16"),
    ],
)
def test_the_precision_on_gpus_is_half_unless_one_says_otherwise(
    pretrain, options, variables, chosen
):
    run = pretrain(CLINE, 2, *options, **variables)
    assert run.stderr == ""
    [(_, arguments)] = parse(run)
    asked = re.findall(r" --((?:memory-efficient-)?(?:fp16|bf16)) ", run.stdout)
    assert asked == ([chosen] if chosen else [])
    assert arguments.distributed_world_size == 2 and not arguments.cpu


def test_several_machines_need_gpus_but_those_of_slurm_may_be_elsewhere(pretrain):
    run = pretrain(CLINE, 0, LAUNCH="torchrun", **LAUNCHES["torchrun"])
    assert run.returncode == 1 and run.stderr.count("\n") == 1
    assert "no GPU found; LAUNCH=torchrun needs them on each machine" in run.stderr
    run = pretrain(CLINE, 0, LAUNCH="slurm", NUM_GPUS="8", **LAUNCHES["slurm"])
    assert run.returncode == 0 and " --fp16 " in run.stdout


@pytest.mark.parametrize(("gpus", "option"), [(0, " --cpu "), (12, " --fp16 ")])
def test_a_dry_run_on_own_text_is_that_of_this_machine(pretrain, gpus, option):
    run = pretrain(ROOT / "run/own_corpus.sh", gpus, DRY_RUN="1", ENCODER=None)
    assert run.stdout.count(option) == 2 and run.returncode == 0
    assert {arguments.distributed_world_size for _, arguments in parse(run)} == {1}


def test_more_gpus_than_there_are_is_one_line(pretrain):
    run = pretrain(CLINE, 2, NUM_GPUS="4")
    assert (run.stdout, run.stderr) == ("", "cline_pretrain: error: NUM_GPUS: 4, and there are 2\n")
    variables = {"LAUNCH": "torchrun", "NUM_GPUS": "12", **LAUNCHES["torchrun"]}
    assert pretrain(CLINE, 2, **variables).stderr.endswith("NUM_GPUS: 12, and there are 8\n")


@pytest.mark.parametrize("recipe", [CLINE, DCL], ids=script_name)
def test_a_pretraining_on_several_machines(dry_run, recipe):
    variables = {"BATCH_SIZE": "8", "LAUNCH": "torchrun", **LAUNCHES["torchrun"]}
    [(launcher, arguments)] = parse(dry_run(recipe, **variables))
    assert launcher[0] == "torchrun"
    settings = dict(zip(launcher[1::2], launcher[2::2], strict=False))
    assert settings["--nnodes"] == "4" and settings["--node-rank"] == "1"
    assert settings["--nproc-per-node"] == "8" and settings["--master-addr"] == "first"
    assert settings["--master-port"] == "29500" and launcher[-1] == "--no-python"
    assert arguments.distributed_world_size == 32

    variables = {"BATCH_SIZE": "8", "LAUNCH": "slurm", "PORT": "4321", **LAUNCHES["slurm"]}
    [(launcher, arguments)] = parse(dry_run(recipe, **variables))
    assert launcher[0] == "srun"
    assert (arguments.distributed_world_size, arguments.distributed_port) == (32, 4321)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"DATA": None}, "DATA"),
        ({"ENCODER": None}, "ENCODER"),
        ({"OUT": None}, "OUT"),
        ({"ENCODER": "nowhere.pt"}, "/nowhere.pt: no such file; name a checkpoint, or"),
        ({"NUM_GPUS": "3"}, "is not 256"),
        ({"UPDATE_FREQ": "2"}, "is not 256"),
        ({"BATCH_SIZE": "0"}, "BATCH_SIZE: '0' is not a whole number of 1 or more"),
        ({"LAUNCH": "mpi"}, "'mpi' is none of local torchrun slurm"),
        ({"LAUNCH": "torchrun"}, "NUM_MACHINES"),
        ({"LAUNCH": "slurm"}, "SLURM_JOB_NUM_NODES"),
        ({**LAUNCHES["torchrun"], "LAUNCH": "torchrun", "NUM_MACHINES": "5"}, "evenly"),
        ({"LAUNCH": "slurm", "SLURM_JOB_NUM_NODES": "a[$(touch x)]"}, "SLURM_JOB_NUM_NODES"),
        (LAUNCHES["torchrun"], "NUM_MACHINES and MACHINE_RANK go with LAUNCH=torchrun"),
    ],
)
def test_a_wrong_setting_ends_cline_with_one_clear_line(dry_run, variables, message):
    run = dry_run(CLINE, **variables)
    assert run.returncode != 0 and run.stdout == ""
    assert message in run.stderr and run.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"DATA": None}, "DATA"),
        ({"OUT": None}, "OUT"),
        ({"BATCH_SIZE": "32"}, "NUM_GPUS 32 x BATCH_SIZE 32 x UPDATE_FREQ 0 is not 256"),
        ({"NUM_GPUS": "300"}, "NUM_GPUS 300 x BATCH_SIZE 32 x UPDATE_FREQ 0 is not 256"),
        (
            {"NUM_GPUS": "8", "ENCODER": "/nowhere.pt"},
            "dcl_pretrain: error: ENCODER: /nowhere.pt: no such file",
        ),
    ],
)
def test_a_wrong_setting_ends_dcl_with_one_clear_line(dry_run, variables, message):
    run = dry_run(DCL, **variables)
    assert run.returncode != 0 and run.stdout == ""
    assert message in run.stderr and run.stderr.count("\n") == 1
