"""CLLD through the real binaries, each run in a process of its own."""

import pytest
import torch
from training_logs import assert_one_line_error, logged, saved

HEAD = "sentence_classification_head"
MODEL = ["--arch", "roberta", "--encoder-layers", 1, "--encoder-embed-dim", 16]
MODEL += ["--encoder-ffn-embed-dim", 32, "--encoder-attention-heads", 2, "--max-positions", 32]
MODEL += ["--dropout", 0.1, "--init-token", 0]
TRAIN = ["--cpu", "--num-workers", 0, "--batch-size", 8, "--optimizer", "adam", "--lr", 1e-4]
TRAIN += ["--log-format", "json", "--log-interval", 1]
CLLD = ["--task", "clld_classification", "--criterion", "clld", *MODEL, *TRAIN]
# So slow that classes stay confused; an update after each second validation.
ADAPTIVE = [*CLLD, "--label-distance-interval", 2, "--max-epoch", 8]
# fairseq's loop, then both workers save: without it only the first one would.
EACH_SAVES = """
import fairseq.trainer
fairseq.trainer.Trainer.should_save_checkpoint_on_current_rank = property(lambda self: True)
from fairseq_cli.train import cli_main
cli_main()
"""


def distances(folder, name="checkpoint_last.pt"):
    criterion = saved(folder, name)["criterion"]
    return {
        key.removeprefix("label_distance."): value
        for key, value in criterion.items()
        if key.startswith("label_distance.")
    }


@pytest.fixture(scope="module")
def adaptive(classification_databin, run_fairseq, tmp_path_factory):
    folder = tmp_path_factory.mktemp("adaptive")
    return run_fairseq("train", classification_databin, *ADAPTIVE, "--save-dir", folder), folder


def test_the_distances_follow_the_validation_set(adaptive):
    process, folder = adaptive
    valid = logged(process, "valid")
    updates = [int(line["valid_label_distance_updates"]) for line in valid]
    assert updates == [0, 0, 1, 1, 2, 2, 3, 3]
    final = distances(folder)
    assert final["matrix"].max() > 1
    assert torch.equal(final["matrix"].diagonal(), torch.ones(2))
    assert (final["updates"], final["validations"]) == (3, 8)
    # The last validation asked for an update that no training has followed.
    assert final["pending"].sum() == 16
    assert "label distances: update 1, epsilon 0.75; farthest: " in process.stdout + process.stderr


@pytest.mark.parametrize(("epoch", "updates"), [(2, 0), (5, 2), (8, 3)])
def test_fairseq_validate_logs_the_updates_of_the_checkpoint(
    adaptive, classification_databin, run_fairseq, epoch, updates
):
    process = run_fairseq(
        "validate", classification_databin, "--path", adaptive[1] / f"checkpoint{epoch}.pt", "--cpu",
        "--task", "clld_classification", "--criterion", "clld", "--batch-size", 8,
        "--log-format", "json", "--num-workers", 0,
    )  # fmt: skip
    (line,) = logged(process, "valid")
    trained = logged(adaptive[0], "valid")[epoch - 1]
    assert int(line["valid_label_distance_updates"]) == updates
    for key in ("loss", "accuracy", "label_distance_updates"):
        assert float(line[f"valid_{key}"]) == float(trained[f"valid_{key}"]), key


def test_the_model_in_the_checkpoint_is_a_plain_classifier(adaptive):
    keys = saved(adaptive[1])["model"]
    assert f"classification_heads.{HEAD}.out_proj.weight" in keys
    assert not [key for key in keys if "label_distance" in key or "contrast" in key]


def test_resumes_exactly(adaptive, classification_databin, run_fairseq, tmp_path):
    """The start is the end of the fourth epoch, with an update pending."""
    start = adaptive[1] / "checkpoint4.pt"
    assert distances(adaptive[1], start.name)["pending"].sum() == 16
    process = run_fairseq(
        "train", classification_databin, *ADAPTIVE, "--save-dir", tmp_path, "--restore-file", start
    )
    rest = logged(adaptive[0], "train_inner")[16:]
    for key in ("loss", "contrastive_loss", "accuracy", "gnorm"):
        assert [line[key] for line in logged(process, "train_inner")] == [
            line[key] for line in rest
        ], key
    expected = saved(adaptive[1])
    for part in ("model", "criterion"):
        for key, value in saved(tmp_path)[part].items():
            assert torch.equal(value, expected[part][key]), key


def test_two_workers_count_one_validation_set(
    classification_databin, train_on_two_workers, tmp_path
):
    for rank in (0, 1):  # fairseq makes the folder of the first one only
        (tmp_path / f"rank{rank}").mkdir()
    process = train_on_two_workers(
        classification_databin, *ADAPTIVE, "--batch-size", 3, "--max-epoch", 4, "--save-dir",
        tmp_path / "rank{rank}", program=("-c", EACH_SAVES),
    )  # fmt: skip
    assert process.returncode == 0, process.stdout
    first, second = (distances(tmp_path / f"rank{rank}") for rank in (0, 1))
    assert first["pending"].sum() == 16
    assert first["updates"] == 1
    for name, value in first.items():
        assert torch.equal(value, second[name]), name


# All 32 examples in each update, without chance; a soft-max so sharp that four updates are enough.
WHOLE = ["--task", "clld_classification", "--criterion", "clld", "--arch", "text_cnn", *TRAIN]
WHOLE += ["--embedding-dim", 16, "--filters", 8, "--dropout", 0, "--optimizer", "sgd", "--lr", 2]
WHOLE += ["--label-distance", "none", "--contrastive-temperature", 0.01, "--max-update", 4]
WHOLE += ["--required-batch-size-multiple", 1, "--no-epoch-checkpoints", "--disable-validation"]


@pytest.fixture(scope="module")
def one_worker(classification_databin, run_fairseq, tmp_path_factory):
    folder = tmp_path_factory.mktemp("one")
    words = [classification_databin, *WHOLE, "--batch-size", 32, "--save-dir", folder]
    return logged(run_fairseq("train", *words)), saved(folder)


# Equal shares; unequal ones, 20 and 12; all for the first, and nothing for the second.
@pytest.mark.parametrize("batch", [16, 20, 32])
def test_two_workers_are_one_with_their_joined_batch(
    classification_databin, train_on_two_workers, one_worker, tmp_path, batch
):
    process = train_on_two_workers(
        classification_databin, *WHOLE, "--batch-size", batch, "--save-dir", tmp_path
    )
    lines, expected = one_worker
    assert float(lines[-1]["contrastive_loss"]) < float(lines[0]["contrastive_loss"]) - 0.5
    for line, other in zip(lines, logged(process), strict=True):
        for key in ("loss", "contrastive_loss", "gnorm", "same_cosine", "other_cosine"):
            assert float(other[key]) == pytest.approx(float(line[key]), abs=2e-3), key
    found = saved(tmp_path)
    for part in ("model", "criterion"):
        for key, value in expected[part].items():
            torch.testing.assert_close(found[part][key], value, rtol=1e-3, atol=1e-4, msg=key)


def test_learns_and_is_validated_by_the_stock_binary(classification_databin, run_fairseq, tmp_path):
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("0\t1\n")
    process = run_fairseq(
        "train", classification_databin, *CLLD, "--lr", 1e-2, "--max-epoch", 12, "--save-dir",
        tmp_path, "--label-distance", "static", "--label-distance-file", pairs,
        "--contrastive-temperature", 0.1, "--no-epoch-checkpoints", "--patience", 10,
        "--best-checkpoint-metric", "accuracy", "--maximize-best-checkpoint-metric",
    )  # fmt: skip
    assert max(float(line["valid_accuracy"]) for line in logged(process, "valid")) == 100.0
    assert distances(tmp_path)["matrix"].tolist() == [[1.0, 5.0], [5.0, 1.0]]
    again = run_fairseq(
        "validate", classification_databin, "--path", tmp_path / "checkpoint_best.pt", "--cpu",
        "--task", "clld_classification", "--criterion", "clld", "--batch-size", 8,
        "--log-format", "json", "--num-workers", 0, "--label-distance-file", pairs,
    )  # fmt: skip
    (line,) = logged(again, "valid")
    assert float(line["valid_accuracy"]) == 100.0


def test_starts_from_a_classifier_of_another_criterion(
    classification_databin, run_fairseq, tmp_path
):
    common = [classification_databin, *MODEL, *TRAIN, "--max-epoch", 1]
    process = run_fairseq(
        "train", *common, "--task", "sentence_prediction", "--criterion", "sentence_prediction",
        "--num-classes", 2, "--save-dir", tmp_path / "plain",
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    process = run_fairseq(
        "train", *common, "--task", "clld_classification", "--criterion", "clld",
        "--finetune-from-model", tmp_path / "plain" / "checkpoint_last.pt",
        "--save-dir", tmp_path / "clld",
    )  # fmt: skip
    assert logged(process, "valid")
    assert distances(tmp_path / "clld")["validations"] == 1


def test_wrong_use_is_one_line(classification_databin, run_fairseq, tmp_path):
    process = run_fairseq(
        "train", classification_databin, *ADAPTIVE, "--num-classes", 5, "--save-dir", tmp_path
    )
    assert_one_line_error(process, "--num-classes is 5")
    assert not list(tmp_path.iterdir())
