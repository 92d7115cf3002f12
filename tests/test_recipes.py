"""Every script in ``run/`` is a complete one, and fairseq's own parser accepts each recipe."""

import re
import subprocess

import pytest
from dry_runs import CLINE, DCL, RECIPES, ROOT, parse, script_name

pytestmark = pytest.mark.binaries
SCRIPTS = sorted([*ROOT.glob("run/**/*.sh"), ROOT / ".ci" / "run"])
DCL_WORDNET = ROOT / "run" / "dcl_wordnet.sh"


@pytest.mark.parametrize("script", SCRIPTS, ids=script_name)
def test_a_script_is_valid_and_stops_at_the_first_error(script):
    subprocess.run(["bash", "-n", str(script)], check=True)
    lines = script.read_text().splitlines()
    code = [line for line in lines if line and not line.startswith("#")]
    assert code[0] == "set -euo pipefail"
    assert lines[0] == "#!/usr/bin/env bash" or lines[0].startswith("# ")


def test_every_script_that_trains_is_a_recipe():
    trains = {script for script in ROOT.glob("run/*.sh") if "fairseq-train" in script.read_text()}
    assert trains <= set(RECIPES) and {CLINE, DCL} <= set(RECIPES)


def test_what_recipes_make_by_default_is_ignored():
    code = "\n".join(script.read_text() for script in SCRIPTS)
    made = re.findall(r"^take OUT path (\w+)$", code, re.MULTILINE)
    assert {f"/{name}/" for name in made} < {*(ROOT / ".gitignore").read_text().splitlines()}


@pytest.mark.parametrize("recipe", RECIPES, ids=script_name)
def test_fairseq_accepts_the_recipe(dry_run, recipe):
    commands = parse(dry_run(recipe))
    assert commands
    for _, arguments in commands:
        assert (ROOT / arguments.user_dir).resolve() == ROOT / "fairseq_cline"


def test_the_callers_options_come_last(dry_run):
    [(_, arguments)] = parse(dry_run(CLINE, "--log-interval", "7", "--lr", "1e-5"))
    assert (arguments.log_interval, arguments.lr) == (7, [1e-5])


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
