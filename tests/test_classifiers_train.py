"""TextCNN, BERT and ALBERT from raw text to scores: the real commands, on words."""

import json
import subprocess
from pathlib import Path

import pytest
import torch
from training_logs import assert_equal_weights, assert_one_line_error, logged, weights

from data_prep import text_classification

# What follows "not" decides, so that the order of the words matters.
EXAMPLES = [
    f"{label}\tthe {noun} is {praise} , not {blame} ."
    for noun in ("movie", "town", "doctor", "cake", "song")
    for label, praise, blame in (("good", "great", "dull"), ("bad", "dull", "great"))
]
MODELS = {
    "text_cnn": ["--embedding-dim", 16, "--filters", 16, "--lr", 0.02],
    "albert_tiny": ["--lr", 0.0005],
    "bert": ["--encoder-layers", 2, "--encoder-embed-dim", 32, "--encoder-ffn-embed-dim", 64]
    + ["--encoder-attention-heads", 4, "--pooler", "--lr", 0.003],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("classifiers")


@pytest.fixture(scope="module")
def databin(folder) -> Path:
    """Training and validation are the same ten examples."""
    text = folder / "examples.tsv"
    text.write_text("\n".join(EXAMPLES) + "\n")
    arguments = ["--train", text, "--valid", text, "--words", "--destdir", folder / "bin"]
    text_classification.main([*map(str, arguments)])
    return folder / "bin"


@pytest.fixture(scope="module")
def train(databin, folder, run_fairseq):
    """The function that trains: `train("name", "text_cnn", "--max-update", 3)`."""

    def run(name: str, arch: str, *options, task="sentence_prediction", data=databin):
        return run_fairseq(
            "train", data, "--task", task, "--criterion", task, "--arch", arch,
            "--optimizer", "adam", "--batch-size", 10, "--max-positions", 32, "--cpu",
            "--num-workers", 0, "--no-epoch-checkpoints", "--log-format", "json",
            "--save-dir", folder / name, *options,
        )  # fmt: skip

    return run


@pytest.fixture(scope="module")
def validate(databin, run_fairseq):
    """The function that runs fairseq-validate on a checkpoint."""
    kind = ["--task", "sentence_prediction", "--criterion", "sentence_prediction"]
    options = ["--batch-size", 10, "--num-workers", 0, "--log-format", "json", "--cpu"]
    return lambda path: run_fairseq("validate", databin, *kind, "--path", path, *options)


CLASSES = ["--num-classes", 2, "--init-token", 0]


@pytest.fixture(scope="module", params=MODELS)
def trained(request, train, folder) -> tuple[str, Path]:
    """Arch and folder of a model that has seen the batch sixty times."""
    arch = request.param
    options = [*CLASSES, *MODELS[arch], "--max-epoch", 60, "--disable-validation"]
    done = train(arch, arch, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return arch, folder / arch


def values(done: subprocess.CompletedProcess, key: str) -> list[float]:
    """The values of a key, for example valid_accuracy, in all lines of its kind."""
    kind = key.partition("_")[0]
    return [float(line[key]) for line in logged(done, kind)]


def test_learns_a_batch_and_can_be_validated_and_scored(
    binaries, trained, databin, validate, tmp_path
):
    arch, folder = trained
    checkpoint = folder / "checkpoint_last.pt"
    done = validate(checkpoint)
    assert values(done, "valid_accuracy") == [100], done.stdout + done.stderr
    done = binaries.run(
        "-m", "fairseq_cline.evaluation.classify", f"{arch}={checkpoint}", "--data", databin,
        "--split", "valid", "--json", tmp_path / "scores.json", "--cpu",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads((tmp_path / "scores.json").read_text())["checkpoints"]
    assert row["confusion"] == [[5, 0], [0, 5]]


def test_a_resumed_training_goes_on_as_if_it_had_not_stopped(train, folder):
    options = [*CLASSES, *MODELS["text_cnn"], "--disable-validation"]
    assert train("whole", "text_cnn", *options, "--max-update", 6).returncode == 0
    assert train("parts", "text_cnn", *options, "--max-update", 3).returncode == 0
    done = train("parts", "text_cnn", *options, "--max-update", 6)
    assert "Loaded checkpoint" in done.stdout and "@ 3 updates" in done.stdout, done.stderr
    assert_equal_weights(weights(folder / "whole"), weights(folder / "parts"))


def test_given_embeddings_are_needed_only_at_the_start(train, validate, folder):
    vectors = folder / "vectors.txt"
    vectors.write_text("2 4\ngreat 1 2 3 4\ndull 5 6 7 8\n")
    options = [*CLASSES, "--embedding-dim", 4, "--embeddings", vectors, "--freeze-embeddings"]
    options += ["--max-update", 2, "--lr", 0.1]
    done = train("given", "text_cnn", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "vectors for 2 of 13 words" in done.stdout
    vectors.unlink()

    weight = weights(folder / "given")["encoder.embed_tokens.weight"]
    assert {(1, 2, 3, 4), (5, 6, 7, 8)} <= {tuple(row) for row in weight.tolist()}
    done = validate(folder / "given" / "checkpoint_last.pt")
    assert len(values(done, "valid_accuracy")) == 1, done.stdout + done.stderr

    done = train("again", "text_cnn", *options)
    assert_one_line_error(done, f"{vectors}: cannot be read", "--embeddings")
    assert not (folder / "again" / "checkpoint_last.pt").exists()


def test_albert_is_pre_trained_by_the_stock_task(train, databin, folder):
    options = ["--tokens-per-sample", 32, "--sample-break-mode", "eos", "--mask-prob", 0.3]
    done = train(
        "pretrained", "albert_tiny", *options, "--lr", 0.005, "--max-epoch", 40,
        "--disable-validation", task="masked_lm", data=databin / "input0",
    )  # fmt: skip
    losses = values(done, "train_loss")
    assert losses[-1] < 0.5 * losses[0], done.stdout + done.stderr
    start = folder / "pretrained" / "checkpoint_last.pt"
    done = train(
        "tuned", "albert_tiny", *CLASSES, "--lr", 1e-9, "--max-update", 1,
        "--disable-validation", "--finetune-from-model", start,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    before, after = (weights(folder / name) for name in ("pretrained", "tuned"))
    for key, value in before.items():
        torch.testing.assert_close(after[key], value, rtol=0, atol=1e-7, msg=key)
    assert any(key.startswith("classification_heads.") for key in after.keys() - before.keys())
