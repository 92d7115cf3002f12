"""FreeLB through the real binaries, each run in a process of its own."""

import shutil

import pytest
import torch
from training_logs import assert_one_line_error, logged, weights

FREELB = ["--criterion", "freelb", "--adversarial-steps", 3]
EARLY, JOINT = ["--task", "clld_classification"], ["--task", "sentence_prediction"]
# Hardly any noise in the words: their embeddings are small.
SMALL = ["--adversarial-init", 0.02, "--adversarial-step-size", 0.02]
MODEL = ["--arch", "cline_roberta_tiny", "--encoder-embed-dim", 32, "--encoder-ffn-embed-dim", 64]
MODEL += ["--max-positions", 32]
UNDROPPED = ["--dropout", 0, "--attention-dropout", 0, "--pooler-dropout", 0]
# No worker processes: fairseq waits 5 s for each to end.
LOG = ["--cpu", "--log-format", "json", "--log-interval", 1, "--num-workers", 0]
OPTIMIZER = ["--optimizer", "adam", "--lr", 5e-3]
TRAIN = [*MODEL, *OPTIMIZER, *LOG, "--no-epoch-checkpoints"]
CLASSES = ["--num-classes", 2, "--init-token", 0]
FIGURES = ("loss", "accuracy", "adversarial_loss", "loss_rise", "delta_norm")


def figures(process):
    return [{key: float(line[key]) for key in FIGURES} for line in logged(process)]


def assert_close(one, other, **tolerance):
    assert one.keys() == other.keys()
    for key, value in one.items():
        torch.testing.assert_close(value, other[key], msg=lambda m, k=key: f"{k}: {m}", **tolerance)


@pytest.fixture(scope="module")
def cline(databin, run_fairseq, tmp_path_factory):
    """A pre-trained checkpoint: one update of CLINE."""
    folder = tmp_path_factory.mktemp("cline")
    process = run_fairseq(
        "train", databin, "--task", "cline_pretrain", "--criterion", "cline", *TRAIN,
        "--tokens-per-sample", 32, "--max-update", 1, "--max-tokens", 1280,
        "--disable-validation", "--save-dir", folder,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    return folder / "checkpoint_last.pt"


@pytest.fixture(scope="module")
def learn(cline, classification_databin):
    """The command that fine-tunes the checkpoint; four updates in an epoch."""
    return [
        "train", classification_databin, *FREELB, *SMALL, *CLASSES, *TRAIN,
        "--finetune-from-model", cline, "--batch-size", 8, "--max-epoch", 12,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def trained(learn, run_fairseq, tmp_path_factory):
    """Besides the last, a checkpoint after the tenth update, inside an epoch."""
    folder = tmp_path_factory.mktemp("trained")
    return run_fairseq(*learn, *EARLY, "--save-interval-updates", 10, "--save-dir", folder), folder


def test_a_cline_checkpoint_becomes_a_classifier(trained):
    lines = figures(trained[0])
    assert len(lines) == 48
    assert 0 < lines[-1]["loss"] < 0.5 * lines[0]["loss"]
    assert sum(line["loss_rise"] for line in lines) > 0
    assert all(0 < line["delta_norm"] <= 0.0601 for line in lines)
    last = logged(trained[0], "valid")[-1]
    assert float(last["valid_accuracy"]) == 100.0 and "valid_adversarial_loss" not in last


def test_stock_fine_tuning_gives_the_same_in_one_joint_pass(trained, learn, run_fairseq, tmp_path):
    process = run_fairseq(*learn, *JOINT, "--max-update", 8, "--save-dir", tmp_path)
    for one, other in zip(figures(process), figures(trained[0]), strict=False):
        assert one == pytest.approx(other, rel=2e-2, abs=5e-3)


def test_resuming_in_the_middle_of_an_epoch_changes_nothing(trained, learn, run_fairseq, tmp_path):
    (middle,) = trained[1].glob("checkpoint_*_10.pt")
    shutil.copy(middle, tmp_path / "checkpoint_last.pt")
    resumed = run_fairseq(*learn, *EARLY, "--save-dir", tmp_path)
    assert figures(resumed) == figures(trained[0])[10:]
    assert_close(weights(tmp_path), weights(trained[1]), rtol=0, atol=0)


def test_validate_agrees_with_training(trained, classification_databin, run_fairseq):
    process, folder = trained
    validated = run_fairseq(
        "validate", classification_databin, *EARLY, *FREELB, "--batch-size", 8, *LOG,
        "--path", folder / "checkpoint_last.pt",
    )  # fmt: skip
    last, final = (
        {key.removeprefix("valid_"): value for key, value in logged(run, "valid")[-1].items()}
        for run in (process, validated)
    )
    assert all(last[key] == final[key] for key in ("loss", "accuracy"))


def test_no_steps_is_plain_fine_tuning(classification_databin, run_fairseq, tmp_path):
    command = ["train", classification_databin, *EARLY, *CLASSES, *TRAIN, "--batch-size", 8]
    command += ["--max-update", 3, "--disable-validation", "--save-dir"]
    plain = run_fairseq(*command, tmp_path / "plain", "--criterion", "sentence_prediction")
    ours = run_fairseq(*command, tmp_path / "ours", *FREELB, "--adversarial-steps", 0)
    assert [line["loss"] for line in logged(plain)] == [line["loss"] for line in logged(ours)]
    assert_close(weights(tmp_path / "plain"), weights(tmp_path / "ours"), rtol=0, atol=0)


def test_workers_and_update_freq_are_a_bigger_batch(
    classification_databin, run_fairseq, train_on_two_workers, tmp_path
):
    """An update has the 32 examples; without dropout and first noise nothing is drawn."""
    command = [classification_databin, *EARLY, *FREELB, *CLASSES, *TRAIN, *UNDROPPED]
    command += ["--adversarial-init", 0, "--max-update", 2, "--disable-validation"]
    whole = run_fairseq("train", *command, "--batch-size", 32, "--save-dir", tmp_path / "whole")
    halves = run_fairseq(
        "train", *command, "--batch-size", 16, "--update-freq", 2,
        "--save-dir", tmp_path / "halves",
    )  # fmt: skip
    workers = train_on_two_workers(*command, "--batch-size", 16, "--save-dir", tmp_path / "workers")
    expected = figures(whole)
    assert len(expected) == 2 and all(line["loss_rise"] > 0 for line in expected)
    for name, process in (("halves", halves), ("workers", workers)):
        for one, other in zip(figures(process), expected, strict=True):
            assert one == pytest.approx(other, abs=2e-3)
        assert_close(weights(tmp_path / name), weights(tmp_path / "whole"), rtol=0, atol=1e-4)


def test_half_precision(classification_databin, run_fairseq, tmp_path):
    """The losses of all passes are scaled alike."""
    process = run_fairseq(
        "train", classification_databin, *EARLY, *FREELB, *SMALL, *CLASSES, *TRAIN,
        "--fp16", "--batch-size", 8, "--max-epoch", 12, "--save-dir", tmp_path,
    )  # fmt: skip
    lines = figures(process)
    assert lines[-1]["loss"] < 0.5 * lines[0]["loss"]
    assert all(0 < line["delta_norm"] <= 0.0601 for line in lines)


def test_bad_input_ends_in_one_line(classification_databin, run_fairseq, tmp_path):
    process = run_fairseq(
        "train", classification_databin, *EARLY, *FREELB, *CLASSES, *TRAIN, "--batch-size", 8,
        "--adversarial-max-norm", "nan", "--save-dir", tmp_path,
    )  # fmt: skip
    message = "--adversarial-max-norm is nan, but must be a number"
    assert_one_line_error(process, message)
    assert not list(tmp_path.iterdir())
