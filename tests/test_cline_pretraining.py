"""CLINE through the real binaries, each run in a process of its own."""

import json
import shutil

import pytest
import torch
from fairseq import options
from fairseq.checkpoint_utils import load_model_ensemble
from training_logs import assert_equal_weights, assert_one_line_error, logged, saved, weights

TINY = ["--encoder-layers", 2, "--encoder-embed-dim", 128]
TINY += ["--encoder-ffn-embed-dim", 512, "--encoder-attention-heads", 4]
OPTIMIZER = ["--optimizer", "adam", "--lr", 1e-3, "--clip-norm", 1.0]
# No worker processes, unless a test asks for them: fairseq waits 5 s for each to end.
LOG = ["--cpu", "--log-format", "json", "--log-interval", 1, "--num-workers", 0]
CLINE = ["--task", "cline_pretrain", "--criterion", "cline", "--arch", "cline_roberta_tiny"]
LENGTHS = ["--tokens-per-sample", 32, "--max-positions", 32, "--max-tokens", 1024]
FRESH = ["--reset-optimizer", "--reset-dataloader", "--reset-meters", "--reset-lr-scheduler"]
TRAIN = [*OPTIMIZER, *LOG, *LENGTHS, "--no-epoch-checkpoints"]
FIGURES = {
    *("loss", "ppl", "mlm_loss", "rtd_loss", "contrastive_loss", "contrastive_accuracy"),
    *("rtd_precision", "rtd_recall", "rtd_f1", "mlm_weight", "rtd_weight", "contrastive_weight"),
}


def losses(process):
    return [{key: line[key] for key in FIGURES} for line in logged(process)]


def assert_same_state(one, other):
    """The same weights of the model, and of the criterion."""
    for part in ("model", "criterion"):
        assert_equal_weights(one[part], other[part])


@pytest.fixture(scope="module")
def trained(databin, run_fairseq, tmp_path_factory):
    """Three epochs of five updates; besides the last a checkpoint in the middle of the second."""
    folder = tmp_path_factory.mktemp("trained")
    process = run_fairseq(
        "train", databin, *CLINE, *TRAIN, "--max-epoch", 3, "--save-interval-updates", 7,
        "--save-dir", folder,
    )  # fmt: skip
    return process, folder


def test_training_logs_every_figure_and_learns(trained):
    process, _ = trained
    lines = logged(process)
    assert len(lines) == 15
    assert all(line.keys() >= FIGURES for line in lines)
    assert float(lines[-1]["loss"]) < 0.8 * float(lines[0]["loss"])
    assert len(logged(process, "valid")) >= 3


def test_the_same_command_gives_the_same_losses_also_with_a_worker(
    trained, databin, run_fairseq, tmp_path
):
    again = run_fairseq(
        "train", databin, *CLINE, *TRAIN, "--max-update", 7, "--disable-validation",
        "--save-dir", tmp_path, "--num-workers", 1,
    )  # fmt: skip
    assert losses(again) == losses(trained[0])[:7]
    assert_same_state(saved(tmp_path), saved(trained[1], "checkpoint_2_7.pt"))


def test_resuming_in_the_middle_of_an_epoch_changes_nothing(
    trained, databin, run_fairseq, tmp_path
):
    shutil.copy(trained[1] / "checkpoint_2_7.pt", tmp_path / "checkpoint_last.pt")
    resumed = run_fairseq(
        "train", databin, *CLINE, *TRAIN, "--max-epoch", 3, "--save-dir", tmp_path
    )
    assert losses(resumed) == losses(trained[0])[7:]
    assert_same_state(saved(tmp_path), saved(trained[1]))
    assert saved(tmp_path)["criterion"]["task_weighting.log_variance"].ne(0).all()


def test_validate_agrees_with_training(trained, databin, run_fairseq):
    process, folder = trained
    validated = run_fairseq(
        "validate", databin, "--task", "cline_pretrain", "--path",
        folder / "checkpoint_last.pt", "--max-tokens", 1024, *LOG,
    )  # fmt: skip
    last = {
        key.removeprefix("valid_"): value for key, value in logged(process, "valid")[-1].items()
    }
    final = {
        key.removeprefix("valid_"): value for key, value in logged(validated, "valid")[-1].items()
    }
    assert {key: last[key] for key in FIGURES} == {key: final[key] for key in FIGURES}
    assert float(final["rtd_weight"]) == 1.0  # the fixed one


def test_ablations(databin, run_fairseq, tmp_path):
    process = run_fairseq(
        "train", databin, *CLINE, *TRAIN, "--max-update", 4, "--no-save", "--disable-validation",
        "--task-weighting", "fixed", "--rtd-weight", 0, "--contrastive-weight", 0.5,
        "--negatives", "random", "--save-dir", tmp_path,
    )  # fmt: skip
    for line in losses(process):
        mlm, contrastive = float(line["mlm_loss"]), float(line["contrastive_loss"])
        assert float(line["loss"]) == pytest.approx(mlm + 0.5 * contrastive, abs=2e-3)
        assert float(line["rtd_weight"]) == 0


def test_masked_lm_trains_on_the_originals_alone(databin, run_fairseq, tmp_path):
    command = ["train", databin, "--task", "cline_pretrain", "--arch", "cline_roberta_tiny"]
    command += [*TRAIN, "--dropout", 0, "--attention-dropout", 0, "--save-dir", tmp_path]
    command += ["--max-update", 4, "--no-save", "--disable-validation"]
    stock = logged(run_fairseq(*command, "--criterion", "masked_lm"))
    alone = ["--rtd-weight", 0, "--contrastive-weight", 0, "--task-weighting", "fixed"]
    ours = logged(run_fairseq(*command, "--criterion", "cline", *alone))
    for a, b in zip(stock, ours, strict=True):
        assert float(a["loss"]) == pytest.approx(float(b["loss"]), abs=2e-3)


def test_starts_from_a_stock_roberta(databin, run_fairseq, tmp_path):
    """RoBERTa trained by fairseq alone, with neither the plug-in nor its task."""
    stock, ours = tmp_path / "stock", tmp_path / "ours"
    process = run_fairseq(
        "train", databin, "--task", "masked_lm", "--criterion", "masked_lm", "--arch",
        "roberta_base", *TINY, *TRAIN, "--train-subset", "train.ori", "--disable-validation",
        "--max-update", 3, "--save-dir", stock, plugin=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    process = run_fairseq(
        "train", databin, *CLINE, *TRAIN, "--max-update", 1, "--restore-file",
        stock / "checkpoint_last.pt", *FRESH, "--disable-validation", "--save-dir", ours,
        "--lr", 0,
    )  # fmt: skip
    assert len(losses(process)) == 1
    text = process.stdout + process.stderr
    assert "rtd_head.projection.weight is not in the checkpoint: initialized" in text
    assert "no learned task weights: initialized" in text
    before, after = weights(stock), weights(ours)
    assert all(torch.equal(value, after[key]) for key, value in before.items())


def finetune(data, start, folder, arch, *settings):
    return [
        "train", data, "--task", "sentence_prediction", "--criterion", "sentence_prediction",
        "--num-classes", 2, "--init-token", 0, "--arch", arch, "--restore-file", start, *FRESH,
        "--max-positions", 32, "--batch-size", 8, *OPTIMIZER, *LOG, "--max-epoch", 10,
        "--no-epoch-checkpoints", "--save-dir", folder, *settings,
    ]  # fmt: skip


def test_becomes_a_classifier(trained, classification_databin, run_fairseq, tmp_path):
    start = trained[1] / "checkpoint_last.pt"
    process = run_fairseq(
        *finetune(classification_databin, start, tmp_path / "out", "cline_roberta_tiny")
    )
    assert float(logged(process, "valid")[-1]["valid_accuracy"]) == 100.0


def test_export_needs_no_plugin(
    binaries, trained, databin, classification_databin, run_fairseq, tmp_path
):
    plain = tmp_path / "plain" / "model.pt"
    done = binaries.run(
        *("-m", "fairseq_cline.export", trained[1] / "checkpoint_last.pt"),
        *("--destdir", plain.parent),
        *("--tokenizer", databin),
    )
    assert done.returncode == 0, done.stderr
    process = run_fairseq(
        *finetune(
            classification_databin, plain, tmp_path / "out", "roberta_base", *TINY, "--no-save"
        ),
        plugin=False,
    )
    assert float(logged(process, "valid")[-1]["valid_accuracy"]) == 100.0
    # A process that knows only fairseq reads the features of the original from the export.
    program = (
        "import sys, torch; from fairseq.models.roberta import RobertaModel;"
        f"m = RobertaModel.from_pretrained({str(plain.parent)!r}, 'model.pt',"
        f"{str(plain.parent)!r}, bpe=None).eval();"
        "assert not any(name.split('.')[0] == 'fairseq_cline' for name in sys.modules);"
        "print(m.extract_features(torch.tensor([[0, 5, 6, 2]]))[0, 0, :4].tolist())"
    )
    process = binaries.run("-c", program, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    path, data = str(trained[1] / "checkpoint_last.pt"), {"data": str(databin)}
    (model,), _ = load_model_ensemble([path], arg_overrides=data)
    features, _ = model.eval()(torch.tensor([[0, 5, 6, 2]]), features_only=True)
    printed = json.loads(process.stdout.splitlines()[-1])
    assert printed == pytest.approx(features[0, 0, :4].tolist(), abs=1e-6)


def test_two_processes_equal_two_batches_an_update(
    databin, run_fairseq, train_on_two_workers, tmp_path
):
    """Two workers see the batches that one sees with --update-freq 2, and log the same sums."""
    command = [databin, *CLINE, *TRAIN, "--dropout", 0, "--attention-dropout", 0]
    command += ["--max-epoch", 2, "--disable-validation"]
    alone = run_fairseq("train", *command, "--update-freq", 2, "--save-dir", tmp_path / "alone")
    pair = train_on_two_workers(*command, "--save-dir", tmp_path / "pair")
    for one, two in zip(losses(alone), losses(pair), strict=True):
        for key in FIGURES:
            assert float(one[key]) == pytest.approx(float(two[key]), rel=1e-2, abs=5e-3), key
    variances = [
        saved(tmp_path / name)["criterion"]["task_weighting.log_variance"]
        for name in ("alone", "pair")
    ]
    torch.testing.assert_close(*variances, rtol=1e-3, atol=1e-5)


def test_bad_input_ends_in_one_line(run_fairseq, tmp_path):
    process = run_fairseq(
        "train", tmp_path / "missing", *CLINE, *TRAIN, "--save-dir", tmp_path / "checkpoints"
    )
    assert_one_line_error(process, "missing is not a folder")


def test_unknown_option_value(databin, capsys):
    words = [str(word) for word in (databin, *CLINE, *TRAIN, "--negatives", "soft")]
    with pytest.raises(SystemExit):
        options.parse_args_and_arch(options.get_training_parser(), words)
    assert "--negatives: invalid choice: 'soft'" in capsys.readouterr().err.splitlines()[-1]
