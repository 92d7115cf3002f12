"""--bf16 and --fp16 on a CPU, through the real binaries: train, resume, validate, evaluate."""

import math

import pytest
import torch
from training_logs import logged, weights

LOG = ["--cpu", "--log-format", "json", "--log-interval", 1, "--num-workers", 0]
TRAIN = [*LOG, "--optimizer", "adam", "--lr", 1e-3, "--no-epoch-checkpoints"]
TRAIN += ["--batch-size", 4]
# So large a scale of the loss that the first updates are skipped.
FLAGS = {"bf16": ["--bf16"], "fp16": ["--fp16", "--fp16-init-scale", 2**24]}
DECODER = ["--decoder-layers", 1, "--decoder-embed-dim", 16, "--decoder-ffn-embed-dim", 32]
DECODER += ["--decoder-attention-heads", 2]
ENCODER = ["--encoder-layers", 1, "--encoder-embed-dim", 16, "--encoder-ffn-embed-dim", 32]
ENCODER += ["--encoder-attention-heads", 2]
LANGUAGE = ["--task", "atcl_lm", "--tokens-per-sample", 12]
LANGUAGE_CRITERION = ["--criterion", "atcl_cross_entropy"]
ADAPTIVE = ["--arch", "tensorized_transformer_lm", *DECODER, "--attention-rank", 4]
ADAPTIVE += ["--adaptive-softmax-cutoff", "10,20"]
CLASSES = ["--init-token", 0, "--separator-token", 2, "--max-positions", 24, "--num-classes", 2]
CLASSES = ["--task", "clld_classification", *CLASSES]
TRIPLETS = ["--tokens-per-sample", 24]
PAIRED = ["--task", "atcl_translation", "--source-lang", "xx", "--target-lang", "yy"]
SMOOTHED = ["--criterion", "atcl_label_smoothed_cross_entropy"]
# Name -> data, options of the task and the criterion, options of the model.
CASES = {
    "atcl_lm": ("language", [*LANGUAGE, *LANGUAGE_CRITERION], ADAPTIVE),
    "early backward": (
        "language",
        [*LANGUAGE, *LANGUAGE_CRITERION, "--detach-anchor"],
        ["--arch", "transformer_lm", *DECODER],
    ),
    "atcl_translation": (
        "translation",
        [*PAIRED, "--perturb", "both", *SMOOTHED],
        ["--arch", "transformer", *ENCODER, *DECODER],
    ),
    "cline_pretrain": (
        "triplets",
        ["--task", "cline_pretrain", *TRIPLETS, "--criterion", "cline"],
        ["--arch", "cline_roberta_tiny"],
    ),
    "cline beside the paper": (
        "triplets",
        ["--task", "cline_pretrain", *TRIPLETS, "--criterion", "cline", "--contrast", "infonce"],
        ["--arch", "cline_bert", *ENCODER, "--sentence-feature", "mean", "--consistency-weight", 5],
    ),
    "dcl_pretrain": (
        "triplets",
        ["--task", "dcl_pretrain", *TRIPLETS, "--power-norm-warmup", 2, "--criterion", "dcl"],
        ["--arch", "dcl_roberta_tiny"],
    ),
    "clld_classification": (
        "classes",
        [*CLASSES, "--criterion", "clld"],
        ["--arch", "roberta", *ENCODER],
    ),
    "freelb": (
        "classes",
        [*CLASSES, "--label-distance", "none", "--criterion", "freelb"],
        ["--arch", "roberta", *ENCODER],
    ),
}


def assert_trained(process, updates):
    """The figures of these updates are logged and finite; fp16 has found its scale."""
    lines = logged(process)
    assert [int(line["num_updates"]) for line in lines] == updates
    for line in lines:
        assert all(math.isfinite(float(value)) for key, value in line.items() if "loss" in key)
        assert float(line.get("loss_scale", 1)) < 2**24


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("case", CASES)
def test_every_task_trains_resumes_and_validates(toy_databins, run_fairseq, tmp_path, case, flag):
    data, options, model = CASES[case]
    command = ["train", toy_databins[data], *options, *model, *TRAIN, *FLAGS[flag]]
    command += ["--save-dir", tmp_path, "--max-update"]
    process = run_fairseq(*command, 4)
    assert_trained(process, [1, 2, 3, 4])
    output = process.stdout + process.stderr
    assert ("gradient overflow detected" in output) == (flag == "fp16")
    dtype = torch.float16 if flag == "fp16" else torch.bfloat16
    embeddings = next(w for name, w in weights(tmp_path).items() if "embed_tokens" in name)
    assert torch.equal(embeddings, embeddings.to(dtype).float())

    if flag == "fp16":
        process = run_fairseq(*command, 6)
        assert_trained(process, [5, 6])
    validated = run_fairseq(
        "validate", toy_databins[data], *options, "--path", tmp_path / "checkpoint_last.pt",
        "--batch-size", 4, *LOG, *(["--fp16"] if flag == "fp16" else []),
    )  # fmt: skip
    last, found = (float(logged(p, "valid")[-1]["valid_loss"]) for p in (process, validated))
    assert found == pytest.approx(last, rel=0.01, abs=0.01)


@pytest.mark.parametrize("flag", FLAGS)
def test_the_log_has_the_perplexity_that_evaluation_finds(
    make_language_databin, run_fairseq, tmp_path, flag
):
    """Several hundred batches of validation; checkpoint_best.pt is chosen by this figure."""
    databin = make_language_databin("many", {"train": 120, "valid": 600})
    trained = run_fairseq(
        "train", databin, *LANGUAGE, *LANGUAGE_CRITERION, *ADAPTIVE, *TRAIN, *FLAGS[flag][:1],
        "--max-update", 20,
        "--batch-size-valid", 1, "--save-dir", tmp_path,
    )  # fmt: skip
    last = logged(trained, "valid")[-1]
    assert float(last["valid_num_updates"]) == 20
    path = ["--path", tmp_path / "checkpoint_last.pt", *LOG]
    for precision in [], FLAGS[flag][:1]:
        validated = run_fairseq(
            "validate", databin, "--task", "atcl_lm", "--batch-size", 1, *path, *precision
        )
        (found,) = logged(validated, "valid")
        evaluated = run_fairseq(
            "eval_lm", databin, *LANGUAGE, "--gen-subset", "valid", "--batch-size", 1, *path,
            *precision,
        )  # fmt: skip
        assert evaluated.returncode == 0, evaluated.stderr
        output = evaluated.stdout + evaluated.stderr
        perplexity = float(output.rsplit("Perplexity: ", 1)[1].split()[0])
        assert float(found["valid_loss"]) == pytest.approx(float(last["valid_loss"]), rel=3e-3)
        assert perplexity == pytest.approx(2 ** float(last["valid_loss"]), rel=0.01)
