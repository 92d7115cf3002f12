"""The batch of an update in every recipe: what fairseq makes of its options, and what its head says."""

import re

import numpy as np
import pytest
from dry_runs import CLINE, DCL, RECIPES, ROOT, parse, script_name, variables_of
from fairseq.data import data_utils

pytestmark = pytest.mark.binaries
HEAD = re.compile(r"^# Batch of an update: (.*)$", re.MULTILINE)
AMOUNT = re.compile(r"([\d,]+) (tokens|rows|triplets|pairs|examples)")
# Those that share out a batch by NUM_GPUS, or by a number of their own, which is 1.
GPUS = ("1", "2", "4")


def said(recipe) -> set[tuple[int, bool]]:
    """Numbers of a recipe's head, each with whether they are tokens."""
    (line,) = HEAD.findall(recipe.read_text())
    amounts = AMOUNT.findall(line)
    return {(int(number.replace(",", "")), unit == "tokens") for number, unit in amounts}


def true_batch(arguments) -> tuple[int, bool]:
    """Examples of an update of all GPUs, or tokens at most."""
    factor = arguments.distributed_world_size * arguments.update_freq[0]
    if arguments.batch_size is None:
        return arguments.max_tokens * factor, True
    batches = data_utils.batch_by_size(
        np.arange(1000),
        num_tokens_fn=None,
        num_tokens_vec=np.full(1000, 16),
        max_sentences=arguments.batch_size,
        required_batch_size_multiple=arguments.required_batch_size_multiple,
    )
    return len(batches[0]) * factor, False


@pytest.mark.parametrize("gpus", GPUS)
@pytest.mark.parametrize("recipe", RECIPES, ids=script_name)
def test_the_batch_is_what_the_head_says(dry_run, recipe, gpus):
    settings = {"NUM_GPUS": gpus, "SEEDS": "1"}
    settings = {name: settings[name] for name in variables_of(recipe) if name in settings}
    runs = [dry_run(recipe, **settings)]
    if recipe.stem == "own_corpus":
        runs.append(dry_run(recipe, ENCODER=None, **settings))
    commands = [arguments for run in runs for _, arguments in parse(run)]
    assert {true_batch(arguments) for arguments in commands} == said(recipe)
    # Without it fairseq takes all GPUs of the machine, and a batch for each.
    said_sizes = sum(run.stdout.count("--distributed-world-size") for run in runs)
    assert said_sizes >= len(commands)


@pytest.mark.parametrize("recipe", [CLINE, DCL], ids=script_name)
@pytest.mark.parametrize("size", ["1", "2", "4", "16", "64"])
def test_a_users_share_of_the_batch_is_taken_whole(dry_run, recipe, size):
    commands = parse(dry_run(recipe, NUM_GPUS="4", BATCH_SIZE=size))
    assert [true_batch(arguments) for _, arguments in commands] == [(256, False)]


@pytest.mark.parametrize(("name", "rows"), [("lm_ptb", 45), ("lm_wikitext103", 60)])
def test_the_other_batch_that_a_head_names_is_taken_whole(dry_run, name, rows):
    recipe = ROOT / "run" / f"{name}.sh"
    assert f"`--batch-size {rows}`" in recipe.read_text()
    run = dry_run(recipe, "--batch-size", str(rows), ROWS="baseline")
    assert [true_batch(arguments) for _, arguments in parse(run)] == [(rows, False)]


def test_a_batch_that_8_does_not_divide_would_be_cut(dry_run):
    """The default of --required-batch-size-multiple, which the recipes change, is why."""
    recipe = ROOT / "run" / "lm_wikitext103.sh"
    cut = dry_run(recipe, "--required-batch-size-multiple", "8", ROWS="baseline")
    assert [true_batch(arguments) for _, arguments in parse(cut)] == [(40, False)]
