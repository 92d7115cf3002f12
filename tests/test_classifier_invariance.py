"""A fine-tuned classifier under changes that keep the label, and under attack; real commands."""

import itertools
import json
from pathlib import Path

import pytest
import torch

from data_prep import (
    augment_classification,
    invariance_set,
    text_classification,
    train_sentencepiece,
)
from data_prep.classification.attack_log import FAILED, SKIPPED, SUCCESS
from fairseq_cline.evaluation import adversarial
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin

CPU = torch.device("cpu")
# Their synonyms ("dull" for "boring") are in no training example.
ADJECTIVES = {"good": ["great", "glad", "beautiful"], "bad": ["boring", "sick", "angry"]}
SUBJECTS = ["movie", "doctor", "lawyer", "child", "woman", "student", "town"]
TEMPLATES = [
    "a {} {} .",
    "{1} is so {0} !",
    "it isn't the {} {} from 1984 .",
    "they say {1} was {0}",
]
TINY = ["--arch", "roberta", "--encoder-layers", 1, "--encoder-embed-dim", 32]
TINY += ["--encoder-ffn-embed-dim", 64, "--encoder-attention-heads", 2, "--dropout", 0.1]


def examples() -> list[str]:
    return [
        f"{label}\t{template.format(adjective, subject)}"
        for label, adjectives in ADJECTIVES.items()
        for template, adjective, subject in itertools.product(TEMPLATES, adjectives, SUBJECTS)
    ]


def call(command, *arguments: object) -> None:
    """A command of the preparation, in this process."""
    command.main([*map(str, arguments)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("classifier")


@pytest.fixture(scope="module")
def text(folder) -> Path:
    path = folder / "examples.tsv"
    path.write_text("\n".join(examples()) + "\n")
    return path


@pytest.fixture(scope="module")
def databin(text, folder) -> Path:
    train_sentencepiece.train([str(text)], folder / "spm", vocabulary=300, sample=1000, seed=1)
    call(
        text_classification, "--train", text, "--valid", text, "--test", text,
        "--destdir", folder / "bin", "--tokenizer", folder / "spm",
    )  # fmt: skip
    return folder / "bin"


@pytest.fixture(scope="module")
def checkpoint(databin, folder, run_fairseq) -> Path:
    done = run_fairseq(
        "train", databin, "--task", "sentence_prediction", "--criterion", "sentence_prediction",
        *TINY, "--num-classes", 2, "--init-token", 0, "--separator-token", 2,
        "--max-positions", 64, "--batch-size", 32, "--optimizer", "adam", "--lr", 5e-3,
        "--max-update", 40, "--disable-validation", "--no-epoch-checkpoints", "--cpu",
        "--num-workers", 0, "--save-dir", folder / "model",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "model" / "checkpoint_last.pt"


@pytest.fixture(scope="module")
def predict(checkpoint, databin):
    """The labels that the checkpoint gives to texts, one text a batch."""
    data = open_databin(str(databin))
    model = load_classifier(str(checkpoint), data)
    return lambda texts: [
        data.labels[int(model.probabilities([text])[0].argmax())] for text in texts
    ]


def test_invariance_of_a_checkpoint(binaries, text, folder, checkpoint, databin, predict):
    call(invariance_set, text, "--destdir", folder / "sets")
    done = binaries.run(
        "-m", "fairseq_cline.evaluation.invariance", f"tiny={checkpoint}", "--data", databin,
        "--sets", folder / "sets", "--json", folder / "invariance.json", "--cpu",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads((folder / "invariance.json").read_text())["checkpoints"]
    for kind in ("synonym", "number", "typo"):
        columns = []
        for ending in (".original.tsv", ".tsv"):
            lines = (folder / "sets" / (kind + ending)).read_text().splitlines()
            labels, texts = zip(*(line.split("\t") for line in lines), strict=True)
            columns.append(predict(texts))
            right = sum(a == b for a, b in zip(labels, columns[-1], strict=True))
            name = "perturbed" if ending == ".tsv" else "original"
            assert row["kinds"][kind][name]["value"] == pytest.approx(100 * right / len(lines))
        flips = sum(a != b for a, b in zip(*columns, strict=True))
        assert row["kinds"][kind]["flips"]["value"] == pytest.approx(100 * flips / len(lines))
        assert f"| {kind} | {len(lines)} | tiny | " in done.stdout
    assert row["kinds"]["all"]["original"]["value"] > 90
    assert row["kinds"]["synonym"]["flips"]["value"] > row["kinds"]["number"]["flips"]["value"]


def test_adversarial_examples_are_wrong_for_the_checkpoint(
    text, folder, checkpoint, databin, predict, capfd
):
    call(
        adversarial, f"model={checkpoint}", "--data", databin, "--split", "train",
        "--attack", "pwws", "--limit", 30, "--logs", folder / "attacks", "--cpu",
    )  # fmt: skip
    log, output = folder / "attacks" / "model.pwws.jsonl", folder / "adversarial.tsv"
    call(
        augment_classification, databin / "raw" / "train.tsv", "--output", output,
        "--method", "adversarial", "--attack-log", log,
    )  # fmt: skip
    old = examples()
    lines = output.read_text().splitlines()
    assert lines[: len(old)] == old
    assert len(lines) > len(old) and "30 examples attacked" in capfd.readouterr().out
    _, *rows = map(json.loads, log.read_text().splitlines())
    assert len(rows) == 30
    added = []
    for row in sorted(rows, key=lambda row: row["example"]):
        label = old[row["example"]].split("\t")[0]
        (predicted,) = predict([row["text"]])
        assert (predicted == label) == (row["outcome"] == FAILED)
        assert bool(row["changed"]) or row["outcome"] in (SKIPPED, FAILED)
        if row["outcome"] == SUCCESS:
            added.append(f"{label}\t{row['text']}")
    assert lines[len(old) :] == added
    # What was added can be trained on.
    call(
        text_classification, "--train", output, "--test", text,
        "--destdir", folder / "bin-adversarial", "--tokenizer", folder / "bin",
    )  # fmt: skip


def test_a_text_of_one_word_can_be_asked_about_without_it(checkpoint, databin):
    """PWWS does so for its saliency: an empty text must have probabilities too."""
    classifier = load_classifier(str(checkpoint), open_databin(str(databin)))
    answers = classifier.probabilities(["", "great"])
    assert answers.sum(dim=1).tolist() == pytest.approx([1, 1])
