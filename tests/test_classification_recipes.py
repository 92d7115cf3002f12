"""The recipes of classification: what fairseq would train, for every row."""

from pathlib import Path

import pytest
from dry_runs import ROOT, parse
from toy_encoders import write_plain_encoder

from data_prep.classification.datasets import snli
from data_prep.classification.datasets.glue_tasks import TASKS
from fairseq_cline.criterions.freelb import FreeLbConfig

GLUE, SNLI, CLLD, FREELB, TABLES, ROBUSTNESS = (
    ROOT / "run" / f"{name}.sh"
    for name in ("glue", "snli", "clld", "freelb", "cline_tables", "robustness")
)


def test_glue_fine_tunes_on_every_task(dry_run, tmp_path):
    commands = [arguments for _, arguments in parse(dry_run(GLUE, SEEDS="1 2"))]
    assert list(dict.fromkeys(Path(arguments.data).name for arguments in commands)) == [*TASKS]
    assert len({arguments.save_dir for arguments in commands}) == len(commands) == 16
    for arguments in commands:
        task = Path(arguments.data).name
        assert arguments.data == str(tmp_path / "data" / task)
        assert arguments.save_dir == f"{tmp_path}/check points/{task}/seed{arguments.seed}"
        classes = {"STS-B": 1, "MNLI": 3}.get(task, 2)
        assert (arguments.num_classes, arguments.regression_target) == (classes, classes == 1)
        # Of what data_prep.glue makes, three epochs.
        assert arguments.max_update == 3 * -(-TASKS[task].published[0] // 32)


@pytest.mark.parametrize("recipe", [GLUE, SNLI], ids=["glue", "snli"])
@pytest.mark.parametrize("gpus", ["1", "4"])
def test_fine_tuning_follows_section_5_1_of_the_paper(dry_run, tmp_path, recipe, gpus):
    for _, arguments in parse(dry_run(recipe, "--fp16", NUM_GPUS=gpus, EPOCHS="1")):
        assert arguments.task == arguments.criterion == "sentence_prediction"
        assert arguments.arch == "bert"
        assert arguments.finetune_from_model == str(tmp_path / "model.pt")
        assert (arguments.encoder_layers, arguments.encoder_embed_dim) == (2, 16)  # of the file
        assert (arguments.optimizer, arguments.lr_scheduler) == ("adam", "cosine")
        assert arguments.lr == [1e-5] and arguments.fp16
        assert arguments.batch_size * arguments.distributed_world_size == 32
        assert 0 < arguments.warmup_updates <= arguments.max_update / 10
        assert (arguments.init_token, arguments.separator_token) == (0, 2)
        assert arguments.shorten_method == "truncate"


@pytest.mark.parametrize("recipe", [SNLI, CLLD, TABLES], ids=["snli", "clld", "cline_tables"])
def test_the_options_are_those_of_the_encoder(dry_run, tmp_path, recipe):
    variables = {
        SNLI: {"ARCH": None},
        CLLD: {"ARCHS": "encoder"},
        TABLES: {"TASKS": "imdb", "CHECKPOINTS": None, "ARCH": None},
    }
    for hub_type, separator in (("roberta", 2), ("bert", None)):
        write_plain_encoder(tmp_path / "model.pt", hub_type)
        for _, arguments in parse(dry_run(recipe, **variables[recipe])):
            assert (arguments.arch, arguments.max_positions, arguments.init_token) == (
                "bert",
                64,
                0,
            )
            assert arguments.separator_token == separator
            assert arguments.finetune_from_model == str(tmp_path / "model.pt")


def test_snli_keeps_the_best_epoch(dry_run, tmp_path):
    [(_, arguments)] = parse(dry_run(SNLI, ARCH="roberta_base", SEEDS="3"))
    assert (arguments.arch, arguments.seed, arguments.num_classes) == ("roberta_base", 3, 3)
    assert arguments.data == str(tmp_path / "data")
    assert arguments.max_update == 3 * -(-snli.PUBLISHED["train"] // 32)
    assert arguments.best_checkpoint_metric == "accuracy"
    assert arguments.maximize_best_checkpoint_metric


@pytest.mark.parametrize(
    ("recipe", "variables", "message"),
    [
        (GLUE, {"TASKS": "WNLI"}, "glue: error: TASKS: 'WNLI' is none of CoLA SST-2"),
        (GLUE, {"ENCODER": None}, "ENCODER"),
        (SNLI, {"ENCODER": None}, "ENCODER"),
        (SNLI, {"NUM_GPUS": "3"}, "NUM_GPUS: '3' is none of 1 2 4 8 16 32"),
        (GLUE, {"NUM_GPUS": "0"}, "NUM_GPUS: '0' is none of 1 2 4 8 16 32"),
    ],
)
def test_a_wrong_setting_ends_a_fine_tuning_with_one_clear_line(
    dry_run, recipe, variables, message
):
    run = dry_run(recipe, **variables)
    assert run.returncode != 0 and run.stdout == ""
    assert message in run.stderr and run.stderr.count("\n") == 1


def same_but(commands, *names):
    """Checks that the commands differ in these options alone; gives the options of each."""
    differing = {*names, "save_dir", "data"}
    found = [vars(arguments) for _, arguments in commands]
    for other in found[1:]:
        for key in found[0].keys() & other.keys() - differing:
            assert other[key] == found[0][key], key
    return found


def test_the_rows_of_clld_differ_in_the_criterion_alone(dry_run, tmp_path):
    run = dry_run(CLLD, TASKS="trec", ARCHS="text_cnn", SEEDS="3")
    rows = same_but(
        parse(run), "criterion", "label_distance", "label_distance_file", "contrastive_weight"
    )
    assert [row["save_dir"].rsplit("/", 1)[1] for row in rows] == [
        "plain", "twin", "cl", "static", "adaptive"
    ]  # fmt: skip
    assert [row["criterion"] for row in rows] == ["sentence_prediction", *["clld"] * 4]
    assert [row["label_distance"] for row in rows[1:]] == ["none", "none", "static", "adaptive"]
    assert [row["contrastive_weight"] for row in rows[1:]] == [0.0, 0.5, 0.5, 0.5]
    for row in rows:
        assert (row["task"], row["arch"]) == ("clld_classification", "text_cnn")
        assert row["data"] == f"{tmp_path}/check points/data/trec-words"
        assert (row["batch_size"], row["required_batch_size_multiple"]) == (50, 1)
        # A dry run assumes 5,000 examples: 100 updates an epoch.
        assert (row["max_epoch"], row["validate_interval_updates"], row["patience"]) == (
            10,
            10,
            100,
        )
        assert row["save_interval_updates"] == row["validate_interval_updates"]
        assert row["best_checkpoint_metric"] == "accuracy"
        assert row["maximize_best_checkpoint_metric"] and row["seed"] == 3


def test_rows_of_clld_that_the_paper_does_not_have(dry_run):
    """--label-distance-start, --label-distance-interval, --contrastive-temperature."""
    run = dry_run(
        CLLD, TASKS="trec", ARCHS="text_cnn", SEEDS="3", ROWS="adaptive early sharp sharp-early"
    )
    schedule = ("label_distance", "label_distance_start", "label_distance_interval")
    found = [
        (*(getattr(arguments, name) for name in schedule), arguments.contrastive_temperature)
        for _, arguments in parse(run)
    ]
    (_, start, interval, temperature), early, sharp, both = found
    assert start > 0 and interval > 1 and temperature > 0.1
    assert early == ("adaptive", 0, 1, temperature)
    assert sharp == ("none", start, interval, 0.1)
    assert both == ("adaptive", 0, 1, 0.1)


def test_clld_trains_every_encoder_on_every_set(dry_run):
    commands = parse(dry_run(CLLD, SEEDS="1 2", TEXT=None, TASKS=None))
    assert len(commands) == 5 * 2 * 5 * 2  # sets, models, rows, seeds
    assert {arguments.arch for _, arguments in commands} == {"bert", "text_cnn"}


def test_clld_follows_section_4_2_of_the_paper(dry_run):
    for _, arguments in parse(dry_run(CLLD, TASKS="20ng", ARCHS="encoder", SEEDS="1")):
        assert (arguments.batch_size, arguments.lr) == (128, [2e-5])
        # ten validations an epoch: stop after 10 epochs without gain
        assert (arguments.validate_interval_updates, arguments.patience) == (4, 100)
        assert arguments.max_epoch == 50
        assert (arguments.adam_betas, arguments.weight_decay) == ("(0.9, 0.999)", 0.1)
        assert (arguments.dropout, arguments.attention_dropout) == (0.1, 0.1)
        assert arguments.pooler_dropout == 0.5
        assert arguments.max_length == 128
        assert arguments.init_token == 0 and arguments.finetune_from_model.endswith("model.pt")
        assert arguments.data.endswith("20ng-subwords")


def test_freelb_differs_from_plain_in_the_criterion_alone(dry_run, tmp_path):
    plain, freelb = same_but(parse(dry_run(FREELB)), "criterion")
    assert (plain["criterion"], freelb["criterion"]) == ("sentence_prediction", "freelb")
    for row in (plain, freelb):
        assert row["task"] == "clld_classification"
        assert row["finetune_from_model"] == str(tmp_path / "model.pt")


# Steps without the first pass, step size, first noise, bound: the authors' launch scripts.
PRESETS = {
    "MNLI": (2, 0.1, 0.1, 0.3), "SST-2": (2, 0.1, 1.0, 0.6), "QNLI": (2, 0.075, 0.15, 0.15),
    "QQP": (2, 0.2, 0.32, 0.7), "CoLA": (3, 0.025, 0.4, 0.3), "MRPC": (3, 0.04, 0.64, 0.4),
    "STS-B": (3, 0.1, 0.16, 0.28), "RTE": (3, 0.06, 0.16, 0.14),
}  # fmt: skip


def test_freelb_has_the_settings_of_its_authors(dry_run):
    assert {*PRESETS} == {*TASKS}
    names = ["adversarial_steps", "adversarial_step_size", "adversarial_init"]
    names += ["adversarial_max_norm"]
    for preset, (steps, *others) in PRESETS.items():
        [(_, arguments)] = parse(dry_run(FREELB, ROWS="freelb", PRESET=preset))
        assert [getattr(arguments, name) for name in names] == [steps + 1, *others]
    [(_, arguments)] = parse(dry_run(FREELB, ROWS="freelb"))
    defaults = FreeLbConfig()
    assert all(getattr(arguments, name) == getattr(defaults, name) for name in names)


def test_cline_tables_fine_tune_with_every_rate_and_method(dry_run):
    run = dry_run(TABLES, TASKS="imdb", SHARES="1 0.1", SEEDS="4 5")
    commands = [arguments for _, arguments in parse(run)]
    # Checkpoints, rates and seeds, with both methods on all data and with one on a tenth of it.
    assert len(commands) == 2 * 5 * 2 * 3
    assert {tuple(c.lr) for c in commands} == {(1e-5,), (2e-5,), (3e-5,), (4e-5,), (5e-5,)}
    assert {c.criterion for c in commands if "imdb-1" in c.data} == {
        "sentence_prediction", "freelb"
    }  # fmt: skip
    assert {c.criterion for c in commands if "imdb-0.1" in c.data} == {"sentence_prediction"}
    assert len({c.save_dir for c in commands}) == len(commands)


def test_the_rows_of_the_robustness_chain_get_equal_updates(dry_run):
    commands = [arguments for _, arguments in parse(dry_run(ROBUSTNESS, SEEDS="1 2"))]
    assert len(commands) == 2 * (1 + 5 + 5 * 2)  # seeds: start, rows, rows with each method
    for seed in (1, 2):
        start, *rows = commands[16 * (seed - 1) :][:6]
        assert {c.seed for c in commands[16 * (seed - 1) :][:16]} == {seed}
        assert [row.save_dir.rsplit("/", 1)[1] for row in rows] == [
            "masked_lm", "cline", "cline-no-rtd", "cline-random", "dcl"
        ]  # fmt: skip
        assert start.criterion == "masked_lm" and start.finetune_from_model is None
        assert {row.max_update for row in rows} == {250}
        assert {(row.batch_size, row.tokens_per_sample, *row.lr) for row in (start, *rows)} == {
            (16, 256, 1e-3)
        }
        assert {row.finetune_from_model for row in rows} == {f"{start.save_dir}/checkpoint_last.pt"}
        assert [row.criterion for row in rows] == ["masked_lm", "cline", "cline", "cline", "dcl"]
        assert (rows[-1].projection_hidden_dim, rows[-1].projection_dim) == (128, 256)
        assert (rows[2].rtd_weight, rows[3].negatives) == (0.0, "random")
        fine_tuned = commands[16 * (seed - 1) :][6:16]
        assert {c.finetune_from_model for c in fine_tuned} == {
            f"{row.save_dir}/checkpoint_last.pt" for row in rows
        }
        assert {c.max_update for c in fine_tuned} == {4 * 3 * -(-10000 // 32)}  # of a dry run
        assert {c.arch for c in fine_tuned} == {"cline_roberta_tiny"}
        assert {c.adversarial_max_norm for c in fine_tuned if c.criterion == "freelb"} == {0.03}
    assert len({c.save_dir for c in commands}) == len(commands)
    assert {c.max_positions for c in commands} == {256}


@pytest.mark.parametrize(
    ("recipe", "variables", "message"),
    [
        (CLLD, {"ARCHS": "bert"}, "clld: error: ARCHS: 'bert' is none of encoder text_cnn"),
        (CLLD, {"ARCHS": "text_cnn", "ROWS": "x"}, "clld: error: ROWS: 'x' is none of "),
        (CLLD, {"TEXT": None, "TASKS": "imdb"}, "TASKS: 'imdb' needs TEXT"),
        (CLLD, {"ENCODER": None}, "ENCODER"),
        (FREELB, {"ROWS": "x"}, "freelb: error: ROWS: 'x' is none of plain freelb"),
        (FREELB, {"PRESET": "x"}, "freelb: error: PRESET: 'x' is none of MNLI SST-2"),
        (FREELB, {"ENCODER": None}, "ENCODER"),
        (TABLES, {"CHECKPOINTS": None, "ENCODER": None}, "CHECKPOINTS"),
        (TABLES, {"ENCODER": None}, "TOKENIZER"),
        (TABLES, {"CHECKPOINTS": None, "ENCODER": "my encoder"}, "has a space in it"),
        (TABLES, {"CHECKPOINTS": "model.pt"}, "'model.pt' is not NAME=PATH"),
        (TABLES, {"CHECKPOINTS": "a=x a=y"}, "two are a"),
        (TABLES, {"METHODS": "pgd"}, "METHODS: 'pgd' is none of vanilla freelb"),
        (TABLES, {"SHARES": "10%"}, "SHARES: '10%' is not 1 or a fraction"),
        (TABLES, {"SHARES": "0.0"}, "SHARES: '0.0' is not 1 or a fraction"),
        (TABLES, {"SEEDS": "1 x"}, "SEEDS: 'x' is not a whole number of 1 or more"),
        (TABLES, {"LEARNING_RATES": "fast"}, "LEARNING_RATES: 'fast' is not a learning rate"),
        (TABLES, {"SELECT": "test"}, "SELECT: 'test' is none of valid contrast"),
        (TABLES, {"ATTACK": "textfooler"}, "'textfooler' is not pwws or textattack:RECIPE"),
        (TABLES, {"ATTACK_LIMIT": "0"}, "ATTACK_LIMIT: '0' is not a whole number of 1 or more"),
        (TABLES, {"TASKS": None}, "TEXT: no TASK/train.tsv in "),
        (ROBUSTNESS, {"TEXT": None}, "TEXT"),
        (
            ROBUSTNESS,
            {"ROWS": "cline bert"},
            "robustness: error: ROWS: 'bert' is none of masked_lm",
        ),
    ],
)
def test_a_wrong_setting_ends_a_recipe_with_one_clear_line(dry_run, recipe, variables, message):
    run = dry_run(recipe, **variables)
    assert run.returncode != 0 and run.stdout == ""
    assert message in run.stderr and run.stderr.count("\n") == 1


def test_a_share_without_anything_to_test_it_on_is_refused_before_the_work(dry_run, tmp_path):
    (tmp_path / "data" / "mr").mkdir()
    for split in ("train", "test"):
        (tmp_path / "data" / "mr" / f"{split}.tsv").write_text("pos\tfine\n")
    variables = {"SHARES": "0.5", "ATTACK": "pwws", "DRY_RUN": None, "TASKS": None}
    run = dry_run(TABLES, **variables)
    assert run.returncode == 1 and run.stdout == ""
    assert "data/mr/sets.tsv: no such file, and SHARES below 1" in run.stderr
    assert not (tmp_path / "check points").exists()
