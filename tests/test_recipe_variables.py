"""The variables of the recipes: named in their heads, checked, and refused where misspelled."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from dry_runs import RECIPES, ROOT, WITH_VARIABLES, script_name, variables_of

pytestmark = pytest.mark.binaries
LIBRARY = sorted(ROOT.glob("run/lib/*.sh"))
HOSTILE = "HOME[$(touch touched)]"
# Paths and options: any text is one, and bash computes with none.
TEXTS = {"DATA", "OUT", "TEXT", "ENCODER", "TOKENIZER", "STS", "OPPOSITES", "WORDS", "FREELB"}
TEXTS |= {"MASTER_ADDR"}
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
TOY = """#!/usr/bin/env bash
# A toy.
#
# Variables:
#   DATA     the data-bin, which has
#            two lines
#   UPDATES  default: 200
#   ROWS     default: a b
set -euo pipefail

. {root}/run/lib/recipe.sh
take DATA path
take UPDATES number 200
take LEARNING_RATES rates "1e-5 .5"
take ROWS words "a
 b" "a b c"
take ENCODER path ""
take STS text ""
take SEEDS numbers 1
taken "$@"
printf '%s\\n' "$data" "$updates" "$learning_rates" "$rows" "$encoder" "$seeds" "${{user_options[@]}}"
"""


def assert_one_line(run, message):
    assert run.returncode != 0 and run.stdout == ""
    assert message in run.stderr and run.stderr.count("\n") == 1


@pytest.fixture
def toy(tmp_path):
    """Runs a recipe that prints what it took."""
    script = tmp_path / "toy.sh"
    script.write_text(TOY.format(root=ROOT))

    def run(*arguments, **variables):
        return subprocess.run(
            ["bash", str(script), *arguments],
            check=False,
            cwd=tmp_path,
            env={"PATH": PATH, "PYTHONPATH": str(ROOT), **variables},
            capture_output=True,
            text=True,
        )

    return run


def test_variables_become_shell_variables(toy, tmp_path):
    run = toy("--lr", "7 8", DATA="x y", SEEDS=" 3   4 ", ROWS="c", UPDATES="9")
    expected = [f"{tmp_path}/x y", "9", "1e-5 .5", "c", "", "3 4", "--lr", "7 8"]
    assert run.stdout.splitlines() == expected and run.stderr == ""
    run = toy(DATA="/x", UPDATES="", SEEDS="")
    assert run.stdout.splitlines()[:4] == ["/x", "200", "1e-5 .5", "a b"]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "toy: error: DATA is not set: the data-bin, which has two lines\n"),
        ({"UPDATES": "0"}, "UPDATES: '0' is not a whole number of 1 or more"),
        ({"UPDATES": "08"}, "UPDATES: '08' is not a whole number"),
        ({"UPDATES": "1 2"}, "UPDATES: '1 2' is not a whole number"),
        ({"UPDATES": "9" * 20}, "is not a whole number"),
        ({"UPDATES": HOSTILE}, f"UPDATES: '{HOSTILE}' is not a whole number"),
        ({"SEEDS": f"1 {HOSTILE}"}, "SEEDS: 'HOME[$(touch' is not a whole number"),
        ({"SEEDS": "1 2 1"}, "SEEDS: '1' is there twice"),
        ({"LEARNING_RATES": "1e-5 quick"}, "LEARNING_RATES: 'quick' is not a learning rate"),
        ({"ROWS": "a d"}, "ROWS: 'd' is none of a b c"),
        ({"ROWS": "*"}, "ROWS: '*' is not a name"),
        ({"DATA": "x\ny"}, "DATA: 'x?y' is not a path"),
        ({"SEED": "7"}, "SEED is no variable of this recipe; write SEEDS (or unset SEED)"),
        ({"ROSW": "a"}, "ROSW is no variable of this recipe; write ROWS"),
        ({"UPDATAS": "7"}, "UPDATAS is no variable of this recipe; write UPDATES"),
        ({"LEARNING_RATE": "1"}, "write LEARNING_RATES"),
        ({"LR": "1"}, "write LEARNING_RATES"),
        ({"seeds": "7"}, "seeds is no variable of this recipe; write SEEDS (or unset seeds)"),
        ({"STEPS": "1"}, "write UPDATES"),
        ({"OUT": "x"}, "OUT is no variable of this recipe (unset OUT); it takes DATA UPDATES "),
    ],
)
def test_a_wrong_variable_is_one_line(toy, tmp_path, variables, message):
    data = {"DATA": "x"} if variables else {}
    assert_one_line(toy(**data | variables), message)
    assert not (tmp_path / "touched").exists()


def test_variables_of_other_programs_are_left_alone(toy):
    """STY is of `screen`, R a program, PORT of a container, TEST and NEXT of anyone."""
    others = {"STY": "1", "PORT": "80", "MASTER_ADDR": "x", "TEST": "1", "SEE": "1", "lr": "1"}
    assert toy(DATA="x", R="/usr/bin/R", **others).returncode == 0


@pytest.fixture
def bare_path(tmp_path):
    """A PATH whose Python has no packages."""
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("python", "python3"):
        (bare / name).write_text(f'#!/bin/sh\nexec {sys.executable} -IS "$@"\n')
        (bare / name).chmod(0o755)
    return f"{bare}:/usr/bin:/bin"


NO_ENVIRONMENT = (
    "error: no environment with the plug-in; run . .venv/bin/activate (README: Install)\n"
)
ASK_PYTHON = {"cline_pretrain", "cline_tables", "clld", "dcl_pretrain", "freelb", "glue", "iwslt17"}
ASK_PYTHON |= {"own_corpus", "snli"}  # in a dry run: for GPUs, or for the options of an encoder


def test_no_environment_is_one_line(toy, bare_path):
    assert_one_line(toy(DATA="x", PATH=bare_path), NO_ENVIRONMENT)


@pytest.mark.parametrize("recipe", RECIPES, ids=script_name)
def test_a_dry_run_that_asks_no_python_needs_no_environment(dry_run, bare_path, recipe):
    run = dry_run(recipe, PATH=bare_path, ARCH=None, NUM_GPUS=None)
    if recipe.stem in ASK_PYTHON:
        assert_one_line(run, NO_ENVIRONMENT)
    else:
        assert (run.returncode, run.stderr) == (0, "")


def test_a_wrong_value_is_named_before_a_missing_variable(toy):
    assert_one_line(toy(UPDATES="0"), "toy: error: UPDATES: '0' is not")


def test_a_misspelled_variable_is_named_before_a_missing_one(dry_run):
    assert_one_line(
        dry_run(ROOT / "run" / "clld.sh", SEED="7", ENCODER=None),
        "clld: error: SEED is no variable",
    )
    run = dry_run(ROOT / "run" / "lm_ptb.sh", SAVE_DIR="x", OUT=None, DATA=None)
    assert_one_line(run, "lm_ptb: error: SAVE_DIR is no variable of this recipe; write OUT")


@pytest.mark.parametrize("recipe", WITH_VARIABLES, ids=script_name)
def test_the_head_lists_the_variables_that_are_taken(dry_run, recipe):
    foreign = "SPLIT" if recipe.stem == "cline_tables" else "SELECT"
    run = dry_run(recipe, **{name: None for name in variables_of(recipe)} | {foreign: "x"})
    assert_one_line(run, "; it takes ")
    assert sorted(run.stderr.partition("; it takes ")[2].split()) == sorted(variables_of(recipe))


@pytest.mark.parametrize("script", [*WITH_VARIABLES, *LIBRARY], ids=script_name)
def test_no_variable_is_read_that_was_not_taken(script):
    code = [line for line in script.read_text().splitlines() if not line.lstrip().startswith("#")]
    read = set(re.findall(r"\$\{?!?([A-Z][A-Z_]+)", "\n".join(code)))
    assert read <= {"BASH_SOURCE", "PWD", "PYTHON", "SLURM_JOB_NUM_NODES"}


@pytest.mark.parametrize("recipe", WITH_VARIABLES, ids=script_name)
def test_no_variable_is_computed_before_it_is_checked(dry_run, tmp_path, recipe):
    for name in {*variables_of(recipe)} - TEXTS:
        assert_one_line(dry_run(recipe, **{name: HOSTILE}), f"{recipe.stem}: error: {name}: '")
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize("recipe", WITH_VARIABLES, ids=script_name)
def test_help_is_the_head(dry_run, bare_path, recipe):
    run = dry_run(recipe, "--help", PATH=bare_path, **dict.fromkeys(variables_of(recipe)))
    assert dry_run(recipe, "--lr", "1", "-h").stdout == run.stdout
    head = recipe.read_text().partition("\nset -euo")[0].splitlines()[1:]
    assert run.returncode == 0 and run.stderr == ""
    assert run.stdout.splitlines() == [line[2:] for line in head]


def test_a_recipe_in_a_recipe_gets_its_own_variables(dry_run):
    run = dry_run(ROOT / "run" / "robustness.sh", ROWS="cline", START="7", SEEDS="3 4", EPOCHS="2")
    assert run.returncode == 0, run.stderr
    assert len(run.stdout.splitlines()) == 2 * (2 + 2)
