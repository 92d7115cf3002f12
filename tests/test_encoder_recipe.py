"""The experiment with CLINE on a pre-trained encoder: what each row is trained with."""

import pytest
from dry_runs import ROOT, parse

pytestmark = pytest.mark.binaries
RECIPE = ROOT / "run" / "cline_encoder.sh"
NAMES = ("criterion", "contrast", "negatives", "consistency_weight", "sentence_feature")
NAMES += ("mlm_weight", "rtd_weight", "mask_prob", "batch_size", "update_freq")
MASKED = {"mlm_weight": 1.0, "mask_prob": 0.15}
PAPER_FORM = {"contrast": "triplet", "consistency_weight": 0.0, **MASKED}


def test_each_row_leaves_out_what_its_name_says(dry_run):
    rows = {
        arguments.save_dir.rsplit("/", 1)[1]: vars(arguments)
        for _, arguments in parse(dry_run(RECIPE, SEEDS="2"))
    }
    best = rows["best"]
    changed = {
        row: {name: options[name] for name in NAMES if options.get(name) != best[name]}
        for row, options in rows.items()
        if row != "masked_lm"
    }
    assert (best["contrast"], best["contrastive_temperature"]) == ("infonce", 0.05)
    assert best["consistency_weight"] == 10
    assert rows["masked_lm"]["criterion"] == "masked_lm" and rows["masked_lm"]["mask_prob"] == 0.15
    assert changed == {
        "best": {},
        "with-mlm": MASKED,
        "paper-cls": PAPER_FORM | {"sentence_feature": "cls"},
        "paper-mean": PAPER_FORM,
        "best-cls": {"sentence_feature": "cls"},
        "without-antonym": {"negatives": "random"},
        "without-batch": {"batch_size": 1, "update_freq": [16]},
        "without-consistency": {"consistency_weight": 0.0},
        "without-rtd": {"rtd_weight": 0.0},
    }


def test_all_rows_have_the_same_updates_of_the_same_batches(dry_run, tmp_path):
    commands = [arguments for _, arguments in parse(dry_run(RECIPE, SEEDS="1", UPDATES="40"))]
    assert {c.finetune_from_model for c in commands} == {f"{tmp_path}/model.pt"}
    triplets = {c.batch_size * c.update_freq[0] for c in commands}
    assert triplets == {16} and {(c.max_update, c.seed, *c.lr) for c in commands} == {(40, 1, 1e-4)}
    assert len({c.save_dir for c in commands}) == len(commands)


def test_an_unknown_row_is_refused(dry_run):
    run = dry_run(RECIPE, ROWS="without-anything")
    assert run.returncode == 1 and run.stdout == ""
    assert "ROWS: 'without-anything' is none of masked_lm paper-cls" in run.stderr
