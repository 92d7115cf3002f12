"""Every script in ``run/`` is a complete one, and fairseq's own parser accepts each recipe."""

import ast
import os
import shlex
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from fairseq import options

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = sorted([*ROOT.glob("run/**/*.sh"), ROOT / ".ci" / "run"])
RECIPES = [script for script in ROOT.glob("run/*.sh") if "fairseq-train" in script.read_text()]
CLINE = ROOT / "run" / "cline_pretrain.sh"
QUICKSTART = ROOT / "run" / "quickstart.sh"
# What the forms need beside the recipe's own variables.
LAUNCHES = {
    "local": {},
    "torchrun": {"NUM_MACHINES": "4", "MACHINE_RANK": "1", "MASTER_ADDR": "first"},
    "slurm": {"SLURM_JOB_NUM_NODES": "4"},
}


def script_name(path):
    return str(path.relative_to(ROOT))


@pytest.fixture
def dry_run(tmp_path):
    """Runs a recipe with DRY_RUN=1 and 32 GPUs, as if it were installed and had its inputs."""
    (tmp_path / "data").mkdir()
    (tmp_path / "model.pt").write_bytes(b"")

    def run(recipe, *arguments, **variables):
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "FAIRSEQ_CLINE_PYTHON": sys.executable,
            "DRY_RUN": "1",
            "DATA": str(tmp_path / "data"),
            "ROBERTA": str(tmp_path / "model.pt"),
            "SAVE_DIR": str(tmp_path / "check points"),
            "NUM_GPUS": "32",
            **variables,
        }
        return subprocess.run(
            ["bash", str(recipe), *arguments],
            check=False,
            cwd=tmp_path,
            env={name: value for name, value in environment.items() if value is not None},
            capture_output=True,
            text=True,
        )

    return run


def parse(run):
    """[(launcher's words, fairseq's arguments)] of the commands of a dry run, one a line."""
    assert run.returncode == 0, run.stderr
    commands = []
    for line in run.stdout.splitlines():
        words = shlex.split(line)
        start = words.index("fairseq-train")
        parser = options.get_training_parser()
        commands.append((words[:start], options.parse_args_and_arch(parser, words[start + 1 :])))
    return commands


@pytest.mark.parametrize("script", SCRIPTS, ids=script_name)
def test_a_script_is_valid_and_stops_at_the_first_error(script):
    subprocess.run(["bash", "-n", str(script)], check=True)
    lines = script.read_text().splitlines()
    code = [line for line in lines if line and not line.startswith("#")]
    assert code[0] == "set -euo pipefail"
    assert lines[0] == "#!/usr/bin/env bash" or lines[0].startswith("# ")


def test_there_are_recipes():
    assert CLINE in RECIPES


@pytest.mark.parametrize("recipe", RECIPES, ids=script_name)
def test_fairseq_accepts_the_recipe(dry_run, recipe):
    commands = parse(dry_run(recipe))
    assert commands
    for _, arguments in commands:
        assert (ROOT / arguments.user_dir).resolve() == ROOT / "fairseq_cline"


def test_the_callers_options_come_last(dry_run):
    [(_, arguments)] = parse(dry_run(CLINE, "--log-interval", "7", "--lr", "1e-5"))
    assert (arguments.log_interval, arguments.lr) == (7, [1e-5])


@pytest.mark.parametrize(
    ("gpus", "batch_size", "update_freq"), [("32", "8", 1), ("8", "8", 4), ("1", "4", 64)]
)
def test_cline_follows_section_4_1_of_the_paper(dry_run, gpus, batch_size, update_freq):
    [(launcher, arguments)] = parse(dry_run(CLINE, NUM_GPUS=gpus, BATCH_SIZE=batch_size))
    assert launcher == []
    assert (arguments.task, arguments.criterion) == ("cline_pretrain", "cline")
    assert arguments.arch == "cline_roberta_base"
    assert (arguments.encoder_layers, arguments.encoder_embed_dim) == (12, 768)
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


def test_cline_starts_from_roberta_then_resumes_its_own_checkpoint(dry_run, tmp_path):
    [(_, first)] = parse(dry_run(CLINE))
    assert first.restore_file == str(tmp_path / "model.pt")
    assert first.save_dir == str(tmp_path / "check points")
    resets = ("reset_optimizer", "reset_dataloader", "reset_meters", "reset_lr_scheduler")
    assert all(getattr(first, reset) for reset in resets)

    (tmp_path / "check points").mkdir()
    (tmp_path / "check points" / "checkpoint_last.pt").write_bytes(b"")
    [(_, second)] = parse(dry_run(CLINE))
    assert second.restore_file == "checkpoint_last.pt"
    assert not any(getattr(second, reset) for reset in resets)


def test_cline_on_several_machines(dry_run):
    [(launcher, arguments)] = parse(dry_run(CLINE, LAUNCH="torchrun", **LAUNCHES["torchrun"]))
    assert launcher[0] == "torchrun"
    settings = dict(zip(launcher[1::2], launcher[2::2], strict=False))
    assert settings["--nnodes"] == "4" and settings["--node-rank"] == "1"
    assert settings["--nproc-per-node"] == "8" and settings["--master-addr"] == "first"
    assert arguments.distributed_world_size == 32

    [(launcher, arguments)] = parse(
        dry_run(CLINE, LAUNCH="slurm", PORT="4321", **LAUNCHES["slurm"])
    )
    assert launcher[0] == "srun"
    assert (arguments.distributed_world_size, arguments.distributed_port) == (32, 4321)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"DATA": None}, "DATA"),
        ({"ROBERTA": None}, "ROBERTA"),
        ({"SAVE_DIR": None}, "SAVE_DIR"),
        ({"ROBERTA": "nowhere.pt"}, "ROBERTA=nowhere.pt is not a file"),
        ({"NUM_GPUS": "3"}, "is not 256"),
        ({"UPDATE_FREQ": "2"}, "is not 256"),
        ({"BATCH_SIZE": "0"}, "must be 1 or more"),
        ({"LAUNCH": "mpi"}, "use local, torchrun or slurm"),
        ({"LAUNCH": "torchrun"}, "NUM_MACHINES"),
        ({"LAUNCH": "slurm"}, "SLURM_JOB_NUM_NODES"),
        ({**LAUNCHES["torchrun"], "LAUNCH": "torchrun", "NUM_MACHINES": "5"}, "evenly"),
    ],
)
def test_a_wrong_setting_ends_cline_with_one_clear_line(dry_run, variables, message):
    run = dry_run(CLINE, **variables)
    assert run.returncode != 0 and run.stdout == ""
    assert message in run.stderr and run.stderr.count("\n") == 1


def test_the_quickstart_writes_below_the_callers_folder(dry_run, tmp_path):
    for _, arguments in parse(dry_run(QUICKSTART, OUT="here")):
        assert arguments.data == str(tmp_path / "here" / "triplets")
        assert Path(arguments.save_dir).is_relative_to(tmp_path / "here")


def test_the_quickstart_resumes_runs_of_the_same_seed_and_length_only(dry_run):
    settings = [{}, {"UPDATES": "100"}, {"SEED": "2"}]
    folders = [
        {arguments.save_dir for _, arguments in parse(dry_run(QUICKSTART, **variables))}
        for variables in settings
    ]
    assert [len(models) for models in folders] == [3, 3, 3]
    assert len(set().union(*folders)) == 9


def test_the_quickstarts_masked_lm_refuses_an_option_of_cline(dry_run, capsys):
    run = dry_run(QUICKSTART, "--task-weighting", "fixed")
    with pytest.raises(SystemExit):
        parse(run)
    assert "unrecognized arguments: --task-weighting fixed" in capsys.readouterr().err


def source_setup(python, then, **variables):
    environment = {"PATH": os.environ["PATH"], "FAIRSEQ_CLINE_PYTHON": str(python), **variables}
    return subprocess.run(
        ["bash", "-c", f". {ROOT}/run/setup.sh; {then}"],
        check=False,
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
    )


def test_a_named_environment_is_used_as_it_is():
    run = source_setup(sys.executable, 'echo "$PYTHON"; "$PYTHON" -m data_prep.resources --help')
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"{sys.executable}\nusage: python -m data_prep.resources")


def test_a_named_environment_that_lacks_something_is_told_the_command(tmp_path):
    venv.create(tmp_path / "bare")
    python = tmp_path / "bare" / "bin" / "python"
    before = sorted(tmp_path.rglob("*"))
    run = source_setup(python, "echo reached")
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr == (
        f"setup: error: torch is not installed; run: {python} -m pip install 'torch>=2.10'\n"
    )
    assert sorted(tmp_path.rglob("*")) == before


def test_a_named_environment_with_older_versions_is_told_the_command(tmp_path):
    for name, version in {"nltk": "3.9.1", "sentencepiece": "0.2.0"}.items():
        (tmp_path / f"{name}-{version}.dist-info").mkdir()
        (tmp_path / f"{name}-{version}.dist-info" / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
    run = source_setup(sys.executable, "echo reached", PYTHONPATH=str(tmp_path))
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr == (
        "setup: error: nltk 3.9.1, sentencepiece 0.2.0 cannot be used; "
        f"run: {sys.executable} -m pip install 'nltk>=3.10' 'sentencepiece>=0.2.3'\n"
    )


def test_a_named_environment_must_be_a_python(tmp_path):
    run = source_setup(tmp_path / "python", "echo reached")
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr.count("\n") == 1 and str(tmp_path / "python") in run.stderr
