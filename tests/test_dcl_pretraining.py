"""DCL through the real binaries, each run in a process of its own."""

import math
import shutil

import pytest
import torch
from training_logs import assert_equal_weights, assert_one_line_error, logged, weights

from fairseq_cline.evaluation.encoders.pretrained_encoders import load_encoder, open_databin
from fairseq_cline.export import main as export

OPTIMIZER = ["--optimizer", "adam", "--lr", 1e-3, "--clip-norm", 1.0]
# No worker processes: fairseq waits 5 s for each to end.
LOG = ["--cpu", "--log-format", "json", "--log-interval", 1, "--num-workers", 0]
LENGTHS = ["--tokens-per-sample", 32, "--max-positions", 32]
TASK = ["--task", "dcl_pretrain", "--arch", "dcl_roberta_tiny"]
DCL = [*TASK, "--criterion", "dcl", "--momentum", 0.9, "--projection-dim", 16]
UNDROPPED = ["--dropout", 0, "--attention-dropout", 0]
FRESH = ["--reset-optimizer", "--reset-dataloader", "--reset-meters", "--reset-lr-scheduler"]
TRAIN = [*OPTIMIZER, *LOG, *LENGTHS, "--no-epoch-checkpoints"]
# Both forms of power normalization, and a momentum that changes, within ten updates of 40 pairs.
LEARN = [*DCL, *TRAIN, "--power-norm-warmup", 4, "--momentum-schedule", "cosine"]
LEARN += ["--max-tokens", 1280, "--max-update", 10]
FIGURES = {
    *("loss", "ppl", "mlm_loss", "alignment_loss", "alignment", "uniformity"),
    *("positive_cosine", "random_cosine"),
}
COPY = "alignment.momentum_encoder.network."


def figures(process):
    return [{key: line[key] for key in {*FIGURES, "momentum"}} for line in logged(process)]


@pytest.fixture(scope="module")
def trained(databin, run_fairseq, tmp_path_factory):
    """Ten updates; besides the last a checkpoint after the seventh, inside an epoch."""
    folder = tmp_path_factory.mktemp("trained")
    process = run_fairseq(
        "train", databin, *LEARN, "--save-interval-updates", 7, "--save-dir", folder
    )
    return process, folder


@pytest.fixture(scope="module")
def baseline(databin, run_fairseq, tmp_path_factory):
    """masked_lm on the same batches without dropout: three updates."""
    folder = tmp_path_factory.mktemp("baseline")
    process = run_fairseq(
        "train", databin, *TASK, "--criterion", "masked_lm", *TRAIN, *UNDROPPED, "--max-update", 3,
        "--max-tokens", 1280, "--disable-validation", "--save-dir", folder,
    )  # fmt: skip
    return process, folder


def test_training_logs_every_figure_and_learns(trained):
    process, _ = trained
    lines = logged(process)
    assert len(lines) == 10
    assert all(line.keys() >= {*FIGURES, "momentum"} for line in lines)
    assert float(lines[-1]["loss"]) < 0.8 * float(lines[0]["loss"])
    tau = [0.9 + 0.1 * (1 - math.cos(math.pi * update / 10)) / 2 for update in range(10)]
    assert [float(line["momentum"]) for line in lines] == pytest.approx(tau, abs=1e-5)
    (valid,) = logged(process, "valid")[-1:]
    assert {f"valid_{key}" for key in FIGURES} <= valid.keys()


def test_resuming_in_the_middle_of_an_epoch_changes_nothing(
    trained, databin, run_fairseq, tmp_path
):
    (middle,) = trained[1].glob("checkpoint_*_7.pt")
    shutil.copy(middle, tmp_path / "checkpoint_last.pt")
    resumed = run_fairseq("train", databin, *LEARN, "--save-dir", tmp_path)
    assert figures(resumed) == figures(trained[0])[7:]
    assert_equal_weights(weights(tmp_path), weights(trained[1]))


def test_validate_agrees_with_training(trained, databin, run_fairseq):
    process, folder = trained
    validated = run_fairseq(
        "validate", databin, "--task", "dcl_pretrain", "--criterion", "dcl", "--path",
        folder / "checkpoint_last.pt", "--max-tokens", 1280, *LOG,
    )  # fmt: skip
    last, final = (
        {key.removeprefix("valid_"): value for key, value in logged(run, "valid")[-1].items()}
        for run in (process, validated)
    )
    assert {key: last[key] for key in FIGURES} == {key: final[key] for key in FIGURES}


def test_without_alignment_it_is_the_baseline(baseline, databin, run_fairseq, tmp_path):
    ours = run_fairseq(
        "train", databin, *DCL, *TRAIN, *UNDROPPED, "--alignment-weight", 0, "--max-update", 3,
        "--max-tokens", 1280, "--disable-validation", "--save-dir", tmp_path,
    )  # fmt: skip
    for one, other in zip(logged(ours), logged(baseline[0]), strict=True):
        assert float(one["mlm_loss"]) == pytest.approx(float(other["loss"]), abs=2e-3)
    plain = weights(baseline[1])
    assert not any(key.startswith("alignment.") for key in plain)
    for key, value in plain.items():
        torch.testing.assert_close(weights(tmp_path)[key], value, rtol=1e-2, atol=1e-4)


def test_continues_from_the_baseline(baseline, databin, run_fairseq, tmp_path):
    process = run_fairseq(
        "train", databin, *DCL, *TRAIN, "--max-update", 1, "--max-tokens", 1280, "--restore-file",
        baseline[1] / "checkpoint_last.pt", *FRESH, "--disable-validation", "--save-dir", tmp_path,
        "--lr", 0,
    )  # fmt: skip
    assert len(figures(process)) == 1
    before, after = weights(baseline[1]), weights(tmp_path)
    for key, value in before.items():
        assert torch.equal(after[key], value)
        if "sentence_encoder" in key:
            copy = key.replace("encoder.sentence_encoder.", f"{COPY}encoder.")
            assert torch.equal(after[copy], value)


def followed(weights):
    """Names in the momentum network -> its weights, and those that they follow."""
    result = {}
    for key, value in weights.items():
        if key.startswith(COPY) and value.is_floating_point() and "version" not in key:
            part, _, name = key.removeprefix(COPY).partition(".")
            online = {"encoder": "encoder.sentence_encoder", "projection": "alignment.projection"}
            result[name] = value, weights[f"{online[part]}.{name}"]
    return result


def test_update_freq_is_a_bigger_batch(databin, run_fairseq, tmp_path):
    """An update has the 96 pairs, in one batch or in two; the momentum network steps once."""
    command = ["train", databin, *DCL, *OPTIMIZER, *LOG, *LENGTHS, *UNDROPPED]
    command += ["--projection-norm", "none", "--max-update", 3, "--disable-validation"]
    whole = run_fairseq(*command, "--batch-size", 96, "--save-dir", tmp_path / "whole")
    halves = run_fairseq(
        *command, "--batch-size", 48, "--update-freq", 2, "--save-dir", tmp_path / "halves"
    )
    for one, two in zip(figures(whole), figures(halves), strict=True):
        assert one.pop("uniformity") and two.pop("uniformity")
        for key in one:
            assert float(two[key]) == pytest.approx(float(one[key]), rel=2e-2, abs=5e-3), key
    # There is one update in an epoch, and so a checkpoint of every update.
    first, second, third = (
        followed(weights(tmp_path / "halves", f"checkpoint{update}.pt")) for update in (1, 2, 3)
    )
    for before, after in ((first, second), (second, third)):
        for name, (xi, theta) in before.items():
            torch.testing.assert_close(after[name][0], 0.9 * xi + 0.1 * theta, msg=name)


# Rank 0 alone writes checkpoints; here each worker writes its weights, to its own folder.
EACH_SAVES = """
import os
import torch
from fairseq import checkpoint_utils
from fairseq_cli.train import cli_main

def save_everywhere(cfg, trainer, *rest):
    os.makedirs(cfg.save_dir, exist_ok=True)
    path = os.path.join(cfg.save_dir, "checkpoint_last.pt")
    torch.save({"model": trainer.get_model().state_dict()}, path)

checkpoint_utils.save_checkpoint = save_everywhere
cli_main()
"""


def test_two_workers_stay_equal(databin, train_on_two_workers, tmp_path):
    """Weights, the momentum network and the statistics of the normalization, in both its forms."""
    process = train_on_two_workers(
        databin, *DCL, *TRAIN, "--power-norm-warmup", 2, "--max-tokens", 640, "--max-update", 4,
        "--disable-validation", "--save-dir", tmp_path / "rank{rank}", program=("-c", EACH_SAVES),
    )  # fmt: skip
    assert process.returncode == 0, process.stdout
    first, second = (weights(tmp_path / f"rank{rank}") for rank in (0, 1))
    assert_equal_weights(first, second)
    assert first["alignment.projection.1.updates"] == 4
    assert first["alignment.projection.1.nu"].any()
    assert first[f"{COPY}projection.1.psi_squared"].ne(1).all()


def finetune(data, start, folder):
    return [
        "train", data, "--task", "sentence_prediction", "--criterion", "sentence_prediction",
        "--num-classes", 2, "--init-token", 0, "--arch", "dcl_roberta_tiny", "--restore-file",
        start, *FRESH, "--max-positions", 32, "--batch-size", 8, *OPTIMIZER, *LOG, "--max-epoch",
        10, "--no-epoch-checkpoints", "--save-dir", folder,
    ]  # fmt: skip


def test_becomes_a_classifier(trained, classification_databin, run_fairseq, tmp_path):
    start = trained[1] / "checkpoint_last.pt"
    process = run_fairseq(*finetune(classification_databin, start, tmp_path))
    assert float(logged(process, "valid")[-1]["valid_accuracy"]) == 100.0
    assert not any(key.startswith("alignment.") for key in weights(tmp_path))


def test_export_holds_the_online_encoder_alone(trained, databin, tmp_path):
    plain = tmp_path / "plain"
    checkpoint = str(trained[1] / "checkpoint_last.pt")
    export([checkpoint, "--destdir", str(plain), "--tokenizer", str(databin)])
    exported, saved = weights(plain, "model.pt"), weights(trained[1])
    assert_equal_weights(exported, {k: v for k, v in saved.items() if k.startswith("encoder.")})
    settings = torch.load(plain / "model.pt", weights_only=True)["cfg"]["model"]
    assert settings["arch"] == "roberta"


def test_evaluations_read_it_as_a_roberta(trained, databin):
    dictionary = open_databin(str(databin)).dictionary
    model = load_encoder(str(trained[1] / "checkpoint_last.pt"), dictionary)
    assert model.alignment is None
    saved = weights(trained[1])
    assert_equal_weights(
        model.state_dict(), {k: v for k, v in saved.items() if k.startswith("encoder.")}
    )


def test_bad_input_ends_in_one_line(databin, run_fairseq, tmp_path):
    command = ["train", databin, *DCL, *TRAIN, "--max-tokens", 1280, "--save-dir", tmp_path]
    process = run_fairseq(*command, "--momentum-schedule", "cosine")
    assert_one_line_error(process, "cosine ends at --max-update; set it")
