"""The quickstart and its twin from random weights."""

from pathlib import Path

import pytest
from dry_runs import ROOT, parse, script_name

pytestmark = pytest.mark.binaries
QUICKSTART = ROOT / "run" / "quickstart.sh"
FROM_SCRATCH = ROOT / "run" / "from_scratch.sh"


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
    behind = dry_run(QUICKSTART, "--lr", "7", "--from-scratch", ENCODER=None)
    assert behind.returncode == 1 and "--from-scratch goes before all other" in behind.stderr


def test_the_masked_lm_from_scratch_refuses_an_option_of_cline(dry_run, capsys):
    run = dry_run(FROM_SCRATCH, "--task-weighting", "fixed")
    with pytest.raises(SystemExit):
        parse(run)
    assert "unrecognized arguments: --task-weighting fixed" in capsys.readouterr().err


def test_a_quickstart_on_another_encoder_reads_that_one(dry_run, tmp_path):
    [(_, arguments)] = parse(dry_run(QUICKSTART, ENCODER="../" + tmp_path.name))
    assert Path(arguments.finetune_from_model).resolve() == tmp_path / "model.pt"
    assert dry_run(QUICKSTART, ENCODER="nowhere").returncode != 0
