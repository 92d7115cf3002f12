"""Figures of the stock binaries do not depend on --num-workers; nor do batches of equal lengths."""

import re

import pytest
from binaries import REPOSITORY
from training_logs import logged

TINY = ["layers=1", "embed-dim=16", "ffn-embed-dim=16", "attention-heads=2"]
TINY_ENCODER, TINY_DECODER = (
    [f"--{side}-{size}" for size in TINY] for side in ("encoder", "decoder")
)
TRAINING = [
    *("--cpu", "--optimizer=adam", "--lr=0.01", "--seed=1", "--max-tokens=256"),
    *("--log-format=json", "--log-interval=1", "--disable-validation"),
]


def losses(run):
    """The training loss after each update."""
    return {int(line["num_updates"]): line["loss"] for line in logged(run)}


@pytest.mark.parametrize(
    "task",
    [
        ["masked_lm", "--criterion=masked_lm", "--arch=roberta_base", *TINY_ENCODER],
        ["language_modeling", "--arch=transformer_lm", *TINY_DECODER],
    ],
    ids=["masked_lm", "language_modeling"],
)
def test_each_epoch_has_its_own_masks_and_batches(language_databin, run_fairseq, task):
    """The loss of every update is that of one process, in all three epochs."""
    found = []
    for workers in (0, 2):
        run = run_fairseq(
            *("train", language_databin, "--task", *task, *TRAINING, "--no-save"),
            *("--tokens-per-sample=16", "--max-epoch=3", f"--num-workers={workers}"),
        )
        assert run.returncode == 0, run.stderr
        found.append(losses(run))
    assert found[0] == found[1] and len(found[0]) > 6


def test_atcl_draws_anew_in_each_epoch_without_the_mends_too(language_databin, binaries, tmp_path):
    found = []
    for workers in (0, 2):
        run = binaries.run(
            *(
                "-m",
                "fairseq_cli.train",
                language_databin,
                "--user-dir",
                REPOSITORY / "fairseq_cline",
            ),
            *("--task=atcl_lm", "--criterion=atcl_cross_entropy", "--arch=transformer_lm"),
            *(*TINY_DECODER, *TRAINING, "--no-save", "--tokens-per-sample=16", "--dropout=0"),
            *("--max-epoch=3", f"--num-workers={workers}"),
            cwd=tmp_path,
            env={"FAIRSEQ_CLINE_NO_MENDS": "1"},
        )
        assert run.returncode == 0, run.stderr
        found.append(losses(run))
    assert found[0] == found[1] and len(found[0]) > 6


def test_the_perplexity_with_context(language_databin, run_fairseq, tmp_path):
    run = run_fairseq(
        *("train", language_databin, "--task=language_modeling", "--arch=transformer_lm"),
        *(*TINY_DECODER, *TRAINING, "--tokens-per-sample=8", "--max-update=30"),
        *("--max-target-positions=32", "--num-workers=0", "--save-dir", tmp_path),
    )
    assert run.returncode == 0, run.stderr
    figures = set()
    for workers in (0, 1, 2):
        run = run_fairseq(
            *("eval_lm", language_databin, "--cpu", "--path", tmp_path / "checkpoint_last.pt"),
            *("--tokens-per-sample=24", "--context-window=16", "--batch-size=3"),
            f"--num-workers={workers}",
        )
        assert run.returncode == 0, run.stderr
        figures.add(re.search(r"Loss \(base 2\): ([\d.]+)", run.stderr + run.stdout)[1])
    assert len(figures) == 1


@pytest.mark.parametrize("task", ["translation", "atcl_translation"])
def test_batches_of_few_lengths(make_translation_databin, run_fairseq, task):
    pairs = [(" ".join(["old", "tree"] * n), " ".join(["Baum"] * n)) for n in range(1, 7)]
    databin = make_translation_databin("pairs", {"train": pairs})
    ours = ["--criterion=atcl_label_smoothed_cross_entropy", "--perturb=both"]
    run = run_fairseq(
        *("train", databin, "--task", task, "--arch=transformer", *TINY_ENCODER, *TINY_DECODER),
        *(*TRAINING, "--max-epoch=1", "--no-save", "--num-batch-buckets=2", "--num-workers=0"),
        *(ours if task.startswith("atcl") else ["--criterion=cross_entropy"]),
    )
    assert run.returncode == 0, run.stderr
    assert "bucketing source lengths: [" in run.stdout + run.stderr and losses(run)
