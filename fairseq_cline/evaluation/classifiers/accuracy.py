"""Accuracy of a classifier on labeled texts, F1 and the like, each with its standard error.

In a Python session:

    data = open_databin("data-bin/mr")
    classifier = load_classifier("dcl/checkpoint_best.pt", data)
    result, probabilities = evaluate(classifier, data.read_split("test"))
    result.metrics["accuracy"]  # Score(value=76.3, standard_error=0.9), in percent

`load_classifier` is in `classifiers.classifier`, `open_databin` in `classifiers.labeled_text`.
Letters: N examples, K classes.
"""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from data_prep.classification.examples import Example
from data_prep.files.whole import write_text
from fairseq_cline.evaluation.classifiers.classifier import Classifier
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData
from fairseq_cline.evaluation.classifiers.metrics import (
    Score,
    classification_scores,
    confusion_matrix,
    regression_scores,
)


@dataclass(frozen=True)
class ClassificationResult:
    """The metrics of one checkpoint on one file of examples."""

    name: str
    sha256: str
    metrics: dict[str, Score]
    confusion: list[list[int]] | None  # (K, K), actual classes down; None of a regression
    cut: int  # examples longer than the model reads


def evaluate(
    classifier: Classifier, examples: list[Example]
) -> tuple[ClassificationResult, Tensor]:
    """Classifies examples and compares the answers with their labels.

    Returns:
        The metrics, and the outputs (N, K): probabilities of the classes, or of a regression the
        number that it predicts, (N, 1).
    """
    outputs = classifier.logits(
        [classifier.tokens(example.texts) for example in examples], progress=True
    )
    labels = classifier.data.labels
    confusion = None
    if labels:
        outputs = outputs.softmax(dim=1)
        actual = np.array([labels.index(example.label) for example in examples])
        matrix = confusion_matrix(actual, outputs.argmax(1).numpy(), len(labels))
        metrics = classification_scores(matrix)
        confusion = matrix.tolist()
    else:
        actual = np.array([float(example.label) for example in examples])
        metrics = regression_scores(actual, outputs[:, 0].double().numpy())
    result = ClassificationResult(
        name=classifier.name,
        sha256=classifier.sha256,
        metrics=metrics,
        confusion=confusion,
        cut=count_cut(classifier, examples),
    )
    return result, outputs


def count_cut(classifier: Classifier, examples: list[Example]) -> int:
    """Number of examples that are longer than the model reads."""
    return sum(not classifier.fits(example.texts) for example in examples)


def right_answers(classifier: Classifier, examples: list[Example]) -> list[bool]:
    """Whether the classifier gives each example its label."""
    texts = [example.texts for example in examples]
    predicted = classifier.probabilities(texts, progress=True).argmax(1).tolist()
    return [
        classifier.data.labels[number] == example.label
        for number, example in zip(predicted, examples, strict=True)
    ]


def table(results: list[ClassificationResult]) -> str:
    """Plain text: one row a checkpoint, one column a metric."""
    width = max(len("checkpoint"), *(len(result.name) for result in results))
    metrics = list(results[0].metrics)
    lines = [f"{'checkpoint':{width}}  " + "  ".join(f"{name:>12}" for name in metrics)]
    for result in results:
        scores = (result.metrics[name] for name in metrics)
        cells = (f"{score.value:6.2f} ± {score.standard_error:3.1f}" for score in scores)
        lines.append(f"{result.name:{width}}  " + "  ".join(f"{cell:>12}" for cell in cells))
    return "\n".join(lines)


def write_predictions(
    path: str, data: ClassificationData, examples: list[Example], outputs: Tensor
) -> None:
    """Writes one line an example: label, prediction, probability of each class, text.

    Numbers have all digits of single precision, so that every metric can be computed again.

    Args:
        outputs: of `evaluate`.
    """
    texts = ["text"] if data.texts == 1 else ["first text", "second text"]
    rows = [["label", "predicted", *(f"p({label})" for label in data.labels), *texts]]
    for example, output in zip(examples, outputs, strict=True):
        cells = [f"{number:.9g}" for number in output.tolist()]
        if data.labels:
            cells.insert(0, data.labels[int(output.argmax())])
        rows.append([example.label, *cells, *example.texts])
    write_text(path, "".join("\t".join(row) + "\n" for row in rows))
