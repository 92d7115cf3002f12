"""The recipes of ATCL: what fairseq would train, for every row of the paper's tables."""

import ast
import subprocess

import pytest
from dry_runs import ROOT, parse, script_name

pytestmark = pytest.mark.binaries
IWSLT = ROOT / "run" / "iwslt17.sh"
MULTI30K = ROOT / "run" / "multi30k.sh"
BROWN, PTB, WIKITEXT = (ROOT / "run" / f"lm_{name}.sh" for name in ("brown", "ptb", "wikitext103"))
WEIGHTS = {"adversarial_epsilon": 0.03, "adversarial_weight": 0.1, "contrastive_temperature": 0.07}


def assert_rows_of_the_paper(commands, stock, atcl):
    """Baseline, adversarial, n = 5, 10 and 20, which differ in nothing else."""
    baseline, *others = [arguments for _, arguments in commands]
    assert baseline.criterion == stock
    found = [(row.criterion, row.contrastive_weight, row.num_negatives) for row in others]
    assert found == [(atcl, 0, 10), (atcl, 0.1, 5), (atcl, 0.1, 10), (atcl, 0.1, 20)]
    for row in others:
        assert {name: getattr(row, name) for name in WEIGHTS} == WEIGHTS
        assert row.negatives == "random"
        differs = {name for name, value in vars(baseline).items() if vars(row)[name] != value}
        assert differs <= {"criterion", "save_dir", "num_negatives"}
    assert len({row.save_dir for _, row in commands}) == 5


@pytest.mark.parametrize(("recipe", "stock"), [(PTB, "cross_entropy"), (WIKITEXT, "adaptive_loss")])
def test_language_models_have_the_rows_of_table_2(dry_run, recipe, stock):
    assert_rows_of_the_paper(parse(dry_run(recipe)), stock, "atcl_cross_entropy")


@pytest.mark.parametrize(
    ("recipe", "layers", "dropout", "length", "rows", "updates"),
    [(PTB, 3, 0.3, 32, 120, 20_000), (WIKITEXT, 6, 0.1, 80, 45, 200_000)],
)
def test_language_models_have_the_settings_of_the_source(
    dry_run, recipe, layers, dropout, length, rows, updates
):
    """Run scripts of Ma et al. and of ATCL."""
    [(_, arguments)] = parse(dry_run(recipe, ROWS="baseline"))
    assert (arguments.decoder_layers, arguments.dropout) == (layers, dropout)
    assert (arguments.decoder_embed_dim, arguments.decoder_ffn_embed_dim) == (256, 2100)
    assert (arguments.attention_rank, arguments.attention_cores) == (40, 2)
    assert (arguments.tokens_per_sample, arguments.batch_size) == (length, rows)
    assert (arguments.optimizer, arguments.lr, arguments.clip_norm) == ("adam", [2.5e-4], 0.25)
    assert (arguments.lr_scheduler, arguments.warmup_updates) == ("cosine", 0)
    assert arguments.max_update == updates
    [(_, longer)] = parse(dry_run(recipe, ROWS="baseline", UPDATES="7"))
    assert longer.max_update == 7


def test_language_models_are_evaluated_without_context_and_then_with_it(tmp_path):
    script = f"""
      . {ROOT}/run/lib/recipe.sh
      . {ROOT}/run/lib/language_models.sh
      data=data
      fairseq-eval-lm() {{ echo "$@"; }}
      perplexities atcl-n10 a.pt 80
    """
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    lines = run.stdout.splitlines()
    assert lines[::2] == [
        f"==> atcl-n10, {split}, context of {context} tokens"
        for split in ("valid", "test")
        for context in (0, 40)
    ]
    for split, context, line in zip(
        ("valid", "valid", "test", "test"), (0, 40) * 2, lines[1::2], strict=True
    ):
        assert f"--gen-subset {split} --path a.pt" in line
        assert line.endswith(f"--tokens-per-sample 80 --context-window {context}")


def test_brown_trains_every_row_of_both_models(dry_run):
    commands = parse(dry_run(BROWN, SEEDS="1 2"))
    assert len({arguments.save_dir for _, arguments in commands}) == len(commands) == 2 * 2 * 9
    last = commands[8][1]  # the recommended row
    assert (last.criterion, last.contrastive_denominator) == ("atcl_cross_entropy", "all")
    assert (last.relative_epsilon, last.adversarial_epsilon) == (True, 1.0)


def test_translation_has_the_rows_and_directions_of_table_6(dry_run, tmp_path):
    commands = parse(dry_run(IWSLT))
    assert len(commands) == 20
    for k, (source, target) in enumerate([("en", "de"), ("de", "en"), ("en", "fr"), ("fr", "en")]):
        rows = commands[5 * k : 5 * k + 5]
        stock = "label_smoothed_cross_entropy"
        assert_rows_of_the_paper(rows, stock, f"atcl_{stock}")
        for _, arguments in rows:
            assert (arguments.source_lang, arguments.target_lang) == (source, target)
            pair = "en-de" if "de" in (source, target) else "en-fr"
            assert arguments.data == str(tmp_path / "data" / f"iwslt17.{pair}")
            assert arguments.save_dir.startswith(f"{tmp_path / 'check points'}/{source}-{target}/")
            assert arguments.share_all_embeddings == (pair == "en-de")  # Table 5
            assert arguments.share_decoder_input_output_embed == (pair == "en-fr")


def test_multi30k_has_the_rows_of_the_paper_and_two_more(dry_run):
    commands = parse(dry_run(MULTI30K, SEEDS="1 2"))
    assert len({arguments.save_dir for _, arguments in commands}) == len(commands) == 2 * 7
    stock = "label_smoothed_cross_entropy"
    assert_rows_of_the_paper(commands[:5], stock, f"atcl_{stock}")
    assert [row.contrastive_denominator for _, row in commands[5:7]] == ["all", "all"]
    assert {arguments.seed for _, arguments in commands} == {1, 2}


def test_translation_is_configured_as_the_base_transformer(dry_run):
    [(_, arguments)] = parse(dry_run(IWSLT, PAIRS="de-en", ROWS="atcl-n10"))
    assert (arguments.task, arguments.perturb) == ("atcl_translation", "source")
    assert arguments.arch == "atcl_transformer_iwslt17"
    for part in ("encoder", "decoder"):
        sizes = [getattr(arguments, f"{part}_{name}") for name in ("layers", "embed_dim")]
        assert sizes == [3, 512]  # 3: ATCL, section 5.2; the others: Vaswani et al. (2017)
        assert getattr(arguments, f"{part}_ffn_embed_dim") == 2048
        assert getattr(arguments, f"{part}_attention_heads") == 8
    assert arguments.label_smoothing == 0.1
    assert ast.literal_eval(str(arguments.adam_betas)) == (0.9, 0.98)
    assert (arguments.lr_scheduler, arguments.warmup_updates) == ("inverse_sqrt", 4000)
    assert arguments.lr == [pytest.approx((512 * 4000) ** -0.5, rel=2e-3)]


@pytest.mark.parametrize(
    ("variables", "update_freq", "gpus"),
    [
        ({"NUM_GPUS": "1"}, 4, 1),
        ({"NUM_GPUS": "2"}, 2, 2),
        ({"NUM_GPUS": "3"}, 1, 3),
        ({"NUM_GPUS": "4"}, 1, 4),
        ({"NUM_GPUS": "8"}, 1, 8),
        ({"NUM_GPUS": "2", "UPDATE_FREQ": "3"}, 3, 2),
    ],
)
def test_translation_on_several_gpus(dry_run, variables, update_freq, gpus):
    [(_, arguments)] = parse(dry_run(IWSLT, "--fp16", PAIRS="en-de", ROWS="baseline", **variables))
    assert arguments.update_freq == [update_freq] and arguments.fp16
    assert arguments.distributed_world_size == gpus
    assert arguments.max_tokens == 25_000 // (gpus * update_freq)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("atcl-n7", {"num_negatives": 7, "contrastive_denominator": "negatives"}),
        ("atcl-n5-all-same", {"contrastive_denominator": "all", "same_dropout": True}),
        ("atcl-n10-detached", {"detach_anchor": True, "same_dropout": False}),
        ("atcl-both", {"negatives": "both", "num_negatives": 10}),
        ("adversarial-e30", {"adversarial_epsilon": 0.3, "relative_epsilon": True}),
        ("adversarial-e5", {"adversarial_epsilon": 0.05, "contrastive_weight": 0}),
        ("adversarial-e150", {"adversarial_epsilon": 1.5}),
    ],
)
@pytest.mark.parametrize("recipe", [PTB, IWSLT], ids=script_name)
def test_a_row_is_composed_of_its_parts(dry_run, recipe, row, expected):
    pairs = {"PAIRS": "en-de"} if recipe == IWSLT else {}
    [(_, arguments)] = parse(dry_run(recipe, ROWS=row, **pairs))
    assert {name: getattr(arguments, name) for name in expected} == expected


@pytest.mark.parametrize(
    "row",
    [
        "atcl-n10-e100-e200",
        "atcl-n5-n10",
        "atcl-both-semantic",
        "atcl-all-all",
        "adversarial-same-same",
    ]
    + ["atcl-n5-semantic", "atcl-semantic-same-n5", "atcl-adversarial", "adversarial-adversarial"]
    + ["atcl-atcl-n5", "atcl--n5", "atcl-n5-", "baseline-same", "atcl"],
)
def test_a_row_has_each_of_its_parts_once(dry_run, row):
    run = dry_run(PTB, ROWS=f"baseline {row}")
    assert run.returncode == 1 and run.stdout == ""
    line = f"lm_ptb: error: ROWS: there is no row '{row}' here; run/lib/atcl_rows.sh lists them\n"
    assert run.stderr == line


@pytest.mark.parametrize(
    ("recipe", "variables", "message"),
    [
        (
            IWSLT,
            {"ROWS": "atcl-x"},
            "there is no row 'atcl-x' here; run/lib/atcl_rows.sh lists them",
        ),
        (PTB, {"ROWS": "atcl-x"}, "there is no row 'atcl-x' here; run/lib/atcl_rows.sh lists them"),
        (IWSLT, {"ROWS": "leaking"}, "there is no row 'leaking' here"),
        (PTB, {"ROWS": "atcl-n5x"}, "there is no row 'atcl-n5x' here"),
        (IWSLT, {"PAIRS": "de-fr"}, "PAIRS: 'de-fr' is none of en-de de-en en-fr fr-en"),
        (MULTI30K, {"PAIRS": "ende"}, "PAIRS: 'ende' is not two languages, as en-de"),
        (BROWN, {"ARCHS": "lstm"}, "ARCHS: 'lstm' is none of transformer_lm tensorized"),
        (IWSLT, {"DATA": None}, "DATA"),
        (IWSLT, {"OUT": None}, "OUT"),
    ],
)
def test_a_wrong_setting_ends_a_recipe_of_atcl_with_one_clear_line(
    dry_run, recipe, variables, message
):
    run = dry_run(recipe, **variables)
    assert run.returncode != 0 and run.stdout == ""
    assert message in run.stderr and run.stderr.count("\n") == 1
