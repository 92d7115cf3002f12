"""Accuracy of classifiers against fairseq-validate."""

import re

import pytest

from fairseq_cline.evaluation.classifiers.accuracy import evaluate
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin


def test_the_accuracy_is_that_of_fairseq_validate(opinions, opinion_classifier, run_fairseq):
    data = open_databin(str(opinions))
    result, outputs = evaluate(
        load_classifier(str(opinion_classifier), data), data.read_split("test")
    )
    assert result.name == "checkpoint_last.pt" and outputs.shape == (41, 2)
    done = run_fairseq(
        "validate", opinions, "--task", "sentence_prediction", "--num-classes", 2, "--criterion",
        "sentence_prediction", "--path", opinion_classifier, "--valid-subset", "test", "--cpu",
        "--batch-size", 8,
    )  # fmt: skip
    stock = float(re.findall(r"accuracy ([\d.]+)", done.stdout + done.stderr)[-1])
    assert result.metrics["accuracy"].value == pytest.approx(stock, abs=0.06)
    assert 90 < stock < 100
