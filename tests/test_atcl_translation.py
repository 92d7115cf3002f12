"""ATCL translation through the real binaries: two toy languages, learned to the word.

copy     yy is xx; words, data-bin by the tests; both sides perturbed
reverse  yy is xx backwards; SentencePiece, data-bin by data_prep.parallel_text; source perturbed
"""

import json
import os
import random
import shutil
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pytest
from training_logs import assert_one_line_error, logged

from data_prep import parallel_text

pytestmark = pytest.mark.binaries
ROOT = Path(__file__).resolve().parents[1]
WORDS = ["tree", "lake", "city", "stone", "river", "house", "music", "paper"]
SPLITS = {"train": 1600, "valid": 40, "test": 200}
MODEL = ["--arch", "transformer", "--share-all-embeddings", "--dropout", 0]
for part in ("encoder", "decoder"):
    MODEL += [f"--{part}-layers", 1, f"--{part}-embed-dim", 32, f"--{part}-ffn-embed-dim", 64]
    MODEL += [f"--{part}-attention-heads", 2, f"--{part}-normalize-before"]
ATCL = ["--task", "atcl_translation", "--criterion", "atcl_label_smoothed_cross_entropy"]
# No worker processes: fairseq waits 5 s for each to end.
LOG = ["--cpu", "--log-format", "json", "--log-interval", 1, "--num-workers", 0]
TRAIN = [*MODEL, "--label-smoothing", 0.1, "--optimizer", "adam", "--adam-betas", "(0.9, 0.98)"]
TRAIN += ["--lr", 1e-2, "--lr-scheduler", "polynomial_decay", "--warmup-updates", 40]
TRAIN += ["--total-num-update", 400, "--batch-size", 40, "--no-epoch-checkpoints", *LOG]
BLEU = ["--eval-bleu", "--eval-bleu-args", '{"beam": 1}', "--eval-bleu-detok", "space"]
BLEU += ["--eval-bleu-remove-bpe", "sentencepiece"]
BEST = ["--best-checkpoint-metric", "bleu", "--maximize-best-checkpoint-metric"]
PLAIN = {"loss", "nll_loss", "ppl"}
FIGURES = PLAIN | {
    *("adversarial_loss", "contrastive_loss", "positive_cosine"),
    *("delta_norm", "loss_rise", "candidate_share"),
}


class Trained(NamedTuple):
    databin: Path
    folder: Path
    """Of the checkpoints: the last, and one in the middle of an epoch."""
    process: subprocess.CompletedProcess
    command: list
    pairs: dict[str, list[tuple[str, str]]]


def draw_pairs(translate):
    """Split -> pairs of 3 to 5 words; no source occurs twice."""
    rng = random.Random(1)
    sources: set[str] = set()
    while len(sources) < sum(SPLITS.values()):
        sources.add(" ".join(rng.choices(WORDS, k=rng.randint(3, 5))))
    shuffled = iter(sorted(sources, key=lambda _: rng.random()))
    return {
        split: [(source, translate(source)) for source in islice(shuffled, size)]
        for split, size in SPLITS.items()
    }


def backwards(text):
    return " ".join(reversed(text.split()))


@pytest.fixture(scope="module")
def copy(run_fairseq, write_translation_databin, tmp_path_factory):
    folder = tmp_path_factory.mktemp("copy")
    pairs = draw_pairs(str)
    databin = write_translation_databin(folder / "data-bin", pairs)
    command = [databin, *ATCL, *TRAIN, "--perturb", "both"]
    process = run_fairseq(
        "train", *command, "--max-epoch", 10, "--save-interval-updates", 150, "--save-dir", folder
    )
    return Trained(databin, folder, process, command, pairs)


@pytest.fixture(scope="module")
def reverse(run_fairseq, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reverse")
    pairs = draw_pairs(backwards)
    for split, lines in pairs.items():
        for language, side in zip(("xx", "yy"), zip(*lines, strict=True), strict=True):
            (folder / f"{split}.{language}").write_text("\n".join(side) + "\n")
    databin = folder / "data-bin"
    # After 62 merges each word is one piece.
    parallel_text.main(
        ["--source-lang", "xx", "--target-lang", "yy", "--train", str(folder / "train")]
        + ["--valid", str(folder / "valid"), "--test", str(folder / "test")]
        + ["--vocab-size", "62", "--joined-dictionary", "--destdir", str(databin)]
    )
    command = [databin, *ATCL, *TRAIN, *BLEU, *BEST]
    process = run_fairseq(
        "train", *command, "--max-epoch", 10, "--validate-interval", 5, "--save-dir", folder,
        "--save-interval-updates", 180,
    )  # fmt: skip
    return Trained(databin, folder, process, command, pairs)


@pytest.mark.parametrize("language", ["copy", "reverse"])
def test_training_logs_every_figure(request, language):
    trained = request.getfixturevalue(language)
    lines = logged(trained.process)
    assert len(lines) == 400
    for line in lines:
        assert line.keys() >= FIGURES
        assert float(line["delta_norm"]) == pytest.approx(0.03, abs=1e-4)
        assert float(line["candidate_share"]) == 1
    last = logged(trained.process, "train")[-1]
    assert float(last["train_contrastive_loss"]) < float(lines[0]["contrastive_loss"]) - 1
    for line in logged(trained.process, "valid"):
        assert not [key for key in FIGURES - PLAIN if f"valid_{key}" in line]


def generated(process, kind="H"):
    """The texts of fairseq-generate or -interactive by the number of the sentence."""
    assert process.returncode == 0, process.stderr
    lines = (line.split("\t") for line in process.stdout.splitlines())
    return {int(line[0][2:]): line[-1] for line in lines if line[0].startswith(f"{kind}-")}


def test_copying_is_learned(copy, run_fairseq):
    """More than 95% of the test set, which was never seen, word for word."""
    process = run_fairseq(
        "generate", copy.databin, "--task", "atcl_translation", "--path",
        copy.folder / "checkpoint_last.pt", "--beam", 5, "--batch-size", 100, *LOG,
    )  # fmt: skip
    found = generated(process)
    exact = sum(found[k] == target for k, (_, target) in enumerate(copy.pairs["test"]))
    assert len(found) == 200 and exact > 190


@pytest.fixture(scope="module")
def evaluation(reverse):
    """run/evaluate_translation.sh on a model in training, and the trained one."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "DATA": str(reverse.databin),
        "SOURCE_LANG": "xx",
        "TARGET_LANG": "yy",
    }
    checkpoints = ["early=checkpoint_5_180.pt", "late=checkpoint_last.pt"]
    return subprocess.run(
        ["bash", str(ROOT / "run" / "evaluate_translation.sh"), *checkpoints, "--cpu"],
        cwd=reverse.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_reversing_is_learned(reverse, evaluation):
    """Beam search, text in the order of the references."""
    assert evaluation.returncode == 0, evaluation.stdout + evaluation.stderr
    found = (reverse.folder / "translations" / "late.yy").read_text().splitlines()
    exact = [text == target for text, (_, target) in zip(found, reverse.pairs["test"], strict=True)]
    assert sum(exact) > 190


def test_sacrebleu_compares_the_models(reverse, evaluation):
    scores = {}
    for name in ("early", "late"):
        text = (reverse.folder / "translations" / f"{name}.json").read_text()
        scores[name] = {metric["name"]: metric for metric in json.loads(text)}
        assert "tok:13a" in scores[name]["BLEU"]["signature"]
        assert scores[name].keys() == {"BLEU", "chrF2"}
    assert scores["late"]["BLEU"]["score"] > max(95, scores["early"]["BLEU"]["score"])
    for expected in (
        "Baseline: early.yy",
        f"{scores['early']['BLEU']['score']:.2f} (",
        f"{scores['late']['chrF2']['score']:.2f} (",
        "(p = 0.0010)*",
        "BLEU       nrefs:1|bs:1000|",
        "chrF2      nrefs:1|bs:1000|",
    ):
        assert expected in evaluation.stdout


def test_validation_bleu_chooses_the_checkpoint(reverse, run_fairseq):
    lines = logged(reverse.process, "valid")
    assert float(lines[-1]["valid_bleu"]) > 90
    assert float(lines[-1]["valid_best_bleu"]) == max(float(line["valid_bleu"]) for line in lines)
    validated = run_fairseq(
        "validate", reverse.databin, "--task", "atcl_translation", "--path",
        reverse.folder / "checkpoint_last.pt", "--batch-size", 40, *BLEU, *LOG,
    )  # fmt: skip
    [again] = logged(validated, "valid")
    for key in ("valid_loss", "valid_nll_loss", "valid_bleu"):
        assert again[key] == lines[-1][key], key


def test_interactive_translates_raw_text(reverse, run_fairseq, tmp_path):
    """Unusual spaces do not matter; the output is detokenized."""
    (tmp_path / "text").write_text("city  lake house\nmusic river tree paper \n")
    process = run_fairseq(
        "interactive", reverse.databin, "--task", "atcl_translation", "--source-lang", "xx",
        "--target-lang", "yy", "--path", reverse.folder / "checkpoint_last.pt", "--cpu",
        "--input", tmp_path / "text", "--beam", 5, "--bpe", "sentencepiece",
        "--sentencepiece-model", reverse.databin / "spm.model",
    )  # fmt: skip
    assert generated(process, "D") == {0: "house lake city", 1: "paper tree river music"}


@pytest.mark.parametrize(
    ("language", "checkpoint"),
    [("copy", "checkpoint_4_150.pt"), ("reverse", "checkpoint_5_180.pt")],
)
def test_resuming_in_the_middle_of_an_epoch_changes_nothing(
    request, language, checkpoint, run_fairseq, tmp_path
):
    trained = request.getfixturevalue(language)
    updates = int(Path(checkpoint).stem.split("_")[-1])
    shutil.copy(trained.folder / checkpoint, tmp_path / "checkpoint_last.pt")
    resumed = run_fairseq(
        "train", *trained.command, "--max-update", updates + 15, "--save-dir", tmp_path,
        "--disable-validation",
    )  # fmt: skip
    first, again = (
        [{key: line[key] for key in FIGURES} for line in logged(process)]
        for process in (trained.process, resumed)
    )
    assert again == first[updates : updates + 15]


def test_without_weights_it_is_the_baseline(copy, run_fairseq):
    """The same batches, dropout masks and losses as fairseq's own task and criterion."""
    settings = [*TRAIN, "--dropout", 0.2, "--no-save", "--max-update", 12, "--disable-validation"]
    weights = ["--adversarial-weight", 0, "--contrastive-weight", 0]
    stock = ["--task", "translation", "--criterion", "label_smoothed_cross_entropy"]
    a, b = (
        [
            [line[key] for key in ("loss", "nll_loss", "gnorm")]
            for line in logged(run_fairseq("train", copy.databin, *options, *settings))
        ]
        for options in ([*ATCL, *weights], stock)
    )
    assert a == b and len(a) == 12


def test_bad_input_ends_in_one_line(run_fairseq, tmp_path):
    process = run_fairseq("train", tmp_path, *ATCL, *TRAIN, "--save-dir", tmp_path / "checkpoints")
    assert_one_line_error(process, "give its folder, or --source-lang")
