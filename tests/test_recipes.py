"""Every script in ``run/`` is a complete one, and fairseq's own parser accepts each recipe."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from dry_runs import ROOT, parse, script_name

pytestmark = pytest.mark.binaries
SCRIPTS = sorted([*ROOT.glob("run/**/*.sh"), ROOT / ".ci" / "run"])
# What lies in run/lib is sourced by others.
RECIPES = [
    script
    for script in sorted(ROOT.glob("run/*.sh"))
    if script.stem not in ("setup", "test", "evaluate_translation", "wheelhouse")
]
LIB = ROOT / "run" / "lib"
SOURCE = f". {LIB}/recipe.sh"
CLINE = ROOT / "run" / "cline_pretrain.sh"
DCL = ROOT / "run" / "dcl_pretrain.sh"
DCL_WORDNET = ROOT / "run" / "dcl_wordnet.sh"
QUICKSTART = ROOT / "run" / "quickstart.sh"
FROM_SCRATCH = ROOT / "run" / "from_scratch.sh"
# What the forms need beside the recipe's own variables.
LAUNCHES = {
    "local": {},
    "torchrun": {"NUM_MACHINES": "4", "MACHINE_RANK": "1", "MASTER_ADDR": "first"},
    "slurm": {"SLURM_JOB_NUM_NODES": "4"},
}


@pytest.mark.parametrize("script", SCRIPTS, ids=script_name)
def test_a_script_is_valid_and_stops_at_the_first_error(script):
    subprocess.run(["bash", "-n", str(script)], check=True)
    lines = script.read_text().splitlines()
    code = [line for line in lines if line and not line.startswith("#")]
    assert code[0] == "set -euo pipefail"
    assert lines[0] == "#!/usr/bin/env bash" or lines[0].startswith("# ")


def test_there_are_recipes():
    assert {CLINE, DCL} <= set(RECIPES)


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
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "fairseq-train").write_text(
        "#!/usr/bin/env bash\nprintf '%q ' fairseq-train \"$@\"\n"
    )
    (tmp_path / "bin" / "fairseq-train").chmod(0o755)
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


def test_several_machines_without_gpus_are_refused(pretrain):
    run = pretrain(CLINE, 0, LAUNCH="torchrun", **LAUNCHES["torchrun"])
    assert run.returncode == 1 and run.stderr.count("\n") == 1
    assert "no GPU found; LAUNCH=torchrun needs them on each machine" in run.stderr


@pytest.mark.parametrize("recipe", [CLINE, DCL], ids=script_name)
def test_a_pretraining_on_several_machines(dry_run, recipe):
    variables = {"BATCH_SIZE": "8", "LAUNCH": "torchrun", **LAUNCHES["torchrun"]}
    [(launcher, arguments)] = parse(dry_run(recipe, **variables))
    assert launcher[0] == "torchrun"
    settings = dict(zip(launcher[1::2], launcher[2::2], strict=False))
    assert settings["--nnodes"] == "4" and settings["--node-rank"] == "1"
    assert settings["--nproc-per-node"] == "8" and settings["--master-addr"] == "first"
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


@pytest.mark.parametrize("recipe", [QUICKSTART, FROM_SCRATCH], ids=script_name)
def test_the_quickstart_writes_below_the_callers_folder(dry_run, tmp_path, recipe):
    for _, arguments in parse(dry_run(recipe, OUT="here")):
        assert arguments.data == str(tmp_path / "here" / "triplets")
        assert Path(arguments.save_dir).is_relative_to(tmp_path / "here")
        assert arguments.log_file == f"{arguments.save_dir}/train.log"


@pytest.mark.parametrize(("recipe", "models"), [(QUICKSTART, 1), (FROM_SCRATCH, 3)])
def test_the_quickstart_resumes_runs_of_the_same_seed_and_length_only(dry_run, recipe, models):
    settings = [{}, {"UPDATES": "100"}, {"SEEDS": "2"}]
    folders = [
        {arguments.save_dir for _, arguments in parse(dry_run(recipe, **variables))}
        for variables in settings
    ]
    assert [*map(len, folders)] == 3 * [models]
    assert len(set().union(*folders)) == 3 * models


@pytest.mark.parametrize(("recipe", "models"), [(QUICKSTART, 1), (FROM_SCRATCH, 3)])
def test_the_quickstart_trains_several_seeds_one_after_the_other(dry_run, recipe, models):
    seeds = [arguments.seed for _, arguments in parse(dry_run(recipe, SEEDS="3 5"))]
    assert seeds == [3] * models + [5] * models


def test_from_scratch_is_a_switch_of_the_quickstart(dry_run):
    switched = dry_run(QUICKSTART, "--from-scratch", "--lr", "7", ENCODER=None)
    runs = switched, dry_run(FROM_SCRATCH, "--lr", "7")
    assert runs[0].stdout == runs[1].stdout and " --lr 7" in runs[0].stdout


def test_the_masked_lm_from_scratch_refuses_an_option_of_cline(dry_run, capsys):
    run = dry_run(FROM_SCRATCH, "--task-weighting", "fixed")
    with pytest.raises(SystemExit):
        parse(run)
    assert "unrecognized arguments: --task-weighting fixed" in capsys.readouterr().err


def test_results_of_another_encoder_are_not_taken(tmp_path):
    script = f'{SOURCE}; . {LIB}/encoder.sh; check_same_encoder "{tmp_path}/$1" "{tmp_path}"'
    for name, content, code in (("a", b"1", 0), ("b", b"1", 0), ("c", b"2", 1), ("a", b"1", 0)):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "model.pt").write_bytes(content)
        run = subprocess.run(
            ["bash", "-c", script, "recipe", name], check=False, capture_output=True, text=True
        )
        assert run.returncode == code
        said = f"recipe: error: {tmp_path} has results of another encoder than {tmp_path}/{name}; "
        assert run.stderr == (f"{said}name another OUT\n" if code else "")


def test_a_quickstart_on_another_encoder_reads_that_one(dry_run, tmp_path):
    [(_, arguments)] = parse(dry_run(QUICKSTART, ENCODER="../" + tmp_path.name))
    assert Path(arguments.finetune_from_model).resolve() == tmp_path / "model.pt"
    assert dry_run(QUICKSTART, ENCODER="nowhere").returncode != 0


def test_the_rows_of_dcl_on_wordnet_differ_in_the_objective_alone(dry_run):
    commands = [c for _, c in parse(dry_run(DCL_WORDNET, SEEDS="2", TASKS="mr trec"))]
    assert len({arguments.save_dir for arguments in commands}) == len(commands) == 5 + 2 * 4
    start, baseline, *others = commands[:5]
    assert (start.criterion, baseline.criterion) == ("masked_lm", "masked_lm")
    assert start.finetune_from_model is None
    assert baseline.finetune_from_model == f"{start.save_dir}/checkpoint_last.pt"
    assert [row.projection_norm for row in others] == ["none", "batch", "power"]
    for row in others:
        differs = {name for name, value in vars(baseline).items() if vars(row)[name] != value}
        differs -= {"power_norm_warmup", "projection_dim", "projection_hidden_dim"}
        assert differs <= {"criterion", "save_dir", "projection_norm"}
        assert row.power_norm_warmup < row.max_update
        assert (row.projection_hidden_dim, row.projection_dim) == (128, 256)
    for row, model in zip(commands[1:5] * 2, commands[5:], strict=True):
        assert model.task == "sentence_prediction"
        assert model.finetune_from_model == f"{row.save_dir}/checkpoint_last.pt"
        assert (model.seed, model.encoder_layers) == (2, row.encoder_layers)


def test_a_row_that_failed_is_not_taken_for_done(tmp_path):
    script = f"""
      {SOURCE}
      dry_run=
      . {LIB}/atcl_rows.sh
      train_row baseline cross_entropy "{tmp_path}/row" bash -c 'echo "$@" >&2; exit $((CODE))' -
    """
    folder = tmp_path / "row"
    for code, is_done in (("3", False), ("0", True), ("3", True)):
        run = subprocess.run(["bash", "-c", script], env={**os.environ, "CODE": code}, check=False)
        assert (folder / "done").exists() == is_done
        assert run.returncode == (0 if is_done else 3)
    line = f"--save-dir {folder} --criterion cross_entropy\n"
    assert (folder / "train.log").read_text() == 2 * line  # none for the row that was done


def test_a_model_of_other_settings_is_not_taken_for_done(tmp_path):
    script = f"{SOURCE}; dry_run=; . {LIB}/train_once.sh; "
    script += f'train_once "{tmp_path}/a b" bash -c "echo ok" -'
    for _ in range(2):
        subprocess.run(["bash", "-c", f"{script} --lr 1"], check=True, capture_output=True)
    other = ["bash", "-c", f"{script} --lr 2"]
    run = subprocess.run(other, check=False, capture_output=True, text=True)
    assert run.returncode == 1 and run.stdout == ""
    assert f"error: {tmp_path}/a b has a model of other settings" in run.stderr
    (tmp_path / "a b" / "command").unlink()
    subprocess.run(other, check=True, capture_output=True)
    assert (tmp_path / "a b" / "train.log").read_text() == "ok\n"  # trained once


def test_fine_tuning_counts_its_examples(tmp_path):
    """Training data that was enlarged gets as many epochs as that of the benchmark."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "train.tsv").write_text("a\tb\n" * 65)
    script = f"""
      {SOURCE}
      dry_run= encoder=x epochs=3 num_gpus=1
      . {LIB}/finetune.sh
      arch=bert
      train_once() {{ echo "$@"; }}
      finetune "{tmp_path}" folder 1 5000
    """
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert "--max-update 9 " in run.stdout  # 3 epochs of 3 batches of 32
