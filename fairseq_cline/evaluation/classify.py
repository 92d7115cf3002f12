"""How right classifiers are: accuracy, macro-F1, the confusion matrix, and the metrics of GLUE.

    python -m fairseq_cline.evaluation.classify mlm=a/checkpoint_best.pt dcl=b/checkpoint_best.pt \\
        --data data-bin/mr --split test --json mr.json --plot confusion.png --predictions mr/

Takes checkpoints of `--task sentence_prediction` or `clld_classification` with any architecture,
and a data-bin of data_prep.text_classification. Figures are percentages with the standard error of
the test set (bootstrap). With two classes, F1 is that of the last label ("1" of GLUE). A regression
gives Pearson's and Spearman's correlations. Texts that are longer than a model lose their end.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from torch import Tensor

from data_prep.classification.examples import Example
from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.command_line import command, command_parser
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.classifiers import classifier as classifiers
from fairseq_cline.evaluation.classifiers.classifier import Classifier
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData, open_databin
from fairseq_cline.evaluation.classifiers.metrics import (
    Score,
    classification_scores,
    confusion_matrix,
    regression_scores,
)
from fairseq_cline.evaluation.reports.report_file import write_report


@dataclass(frozen=True)
class Result:
    """What one checkpoint reaches on one split."""

    name: str
    sha256: str
    metrics: dict[str, Score]
    confusion: list[list[int]] | None  # actual classes down; None of a regression
    cut: int  # examples longer than the model reads


def evaluate(classifier: Classifier, examples: list[Example]) -> tuple[Result, Tensor]:
    """The result, and the model's output (N, K) for each example, probabilities of classes."""
    encoded = [classifier.tokens(example.texts) for example in examples]
    outputs = classifier.logits(encoded, progress=True)
    labels = classifier.data.labels
    matrix = None
    if labels:
        outputs = outputs.softmax(dim=1)
        actual = np.array([labels.index(example.label) for example in examples])
        matrix = confusion_matrix(actual, outputs.argmax(1).numpy(), len(labels))
        metrics = classification_scores(matrix)
    else:
        actual = np.array([float(example.label) for example in examples])
        metrics = regression_scores(actual, outputs[:, 0].double().numpy())
    confusion = None if matrix is None else matrix.tolist()
    cut = count_cut(classifier, examples)
    return Result(classifier.name, classifier.sha256, metrics, confusion, cut), outputs


def count_cut(classifier: Classifier, examples: list[Example]) -> int:
    """Examples of which the model reads only the beginning."""
    return sum(not classifier.fits(classifier.tokens(example.texts)) for example in examples)


def write_predictions(
    path: str, data: ClassificationData, examples: list[Example], outputs: Tensor
) -> None:
    """One line an example: label, prediction, probability of each class, text; with a header."""
    texts = ["text"] if data.texts == 1 else ["first text", "second text"]
    header = ["label", "predicted", *(f"p({label})" for label in data.labels), *texts]
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        file.write("\t".join(header) + "\n")
        for example, output in zip(examples, outputs, strict=True):
            if data.labels:
                cells = [data.labels[int(output.argmax())], *(f"{p:.4f}" for p in output.tolist())]
            else:
                cells = [f"{output.item():.4f}"]
            file.write("\t".join([example.label, *cells, *example.texts]) + "\n")
    os.replace(path + ".tmp", path)


def table(results: list[Result]) -> str:
    """One row a checkpoint."""
    width = max(len("checkpoint"), *(len(result.name) for result in results))
    metrics = list(results[0].metrics)
    lines = [f"{'checkpoint':{width}}  " + "  ".join(f"{name:>12}" for name in metrics)]
    for result in results:
        scores = (result.metrics[name] for name in metrics)
        cells = (f"{score.value:6.2f} ± {score.standard_error:3.1f}" for score in scores)
        lines.append(f"{result.name:{width}}  " + "  ".join(f"{cell:>12}" for cell in cells))
    return "\n".join(lines)


def cut_notes(cut: dict[str, int]) -> list[str]:
    """For below the table: which models have not read everything, by how much.

    Args:
        cut: name -> `count_cut`.
    """
    return [
        f"{', '.join(name for name in cut if cut[name] == count)}: {count:,} examples cut to fit "
        "the model"
        for count in dict.fromkeys(cut.values())
        if count
    ]


def print_cut(results: Sequence[Any]) -> None:
    """Below the table of results, which have a `name` and a `cut`."""
    for note in cut_notes({result.name: result.cut for result in results}):
        print(note)


def _check(args: argparse.Namespace, paths: dict[str, str], data: ClassificationData) -> None:
    """Before the work, which may take long."""
    if args.plot and not data.labels:
        raise InputError("--plot draws classes, and the labels of this data are numbers; drop it")
    if args.predictions:
        for name in paths:
            if os.sep in name:
                raise InputError(f"{name}: no name of a file in --predictions; write NAME=path")
        if os.path.isfile(args.predictions):
            raise InputError(f"--predictions {args.predictions}: is a file; name a folder")
        os.makedirs(args.predictions, exist_ok=True)


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    commands.add_checkpoints(parser, "of --task sentence_prediction or clld_classification")
    add = parser.add_argument
    add("--data", required=True, metavar="DATABIN", help="that of the training")
    add("--split", default="test", help="of the data-bin: valid, test, ... (default: test)")
    add("--plot", metavar="FILE.png", help="draw the confusion matrices")
    add("--predictions", metavar="FOLDER", help="gets NAME.tsv, a line for each example")
    args = commands.parse(parser, argv)
    commands.check_outputs(json=args.json)
    commands.check_figures(plot=args.plot)
    paths = commands.named_paths(args.checkpoints)
    data = open_databin(args.data)
    _check(args, paths, data)
    file = data.split_path(args.split)
    examples = data.read(file)
    results = []
    for name, path in paths.items():
        classifier = classifiers.load(name, path, data, commands.device(args.cpu))
        result, outputs = evaluate(classifier, examples)
        results.append(result)
        if args.predictions:
            path = os.path.join(args.predictions, f"{name}.tsv")
            write_predictions(path, data, examples, outputs)
    print(f"{args.split}, n = {len(examples):,}: percent ± standard error\n")
    print(table(results))
    print_cut(results)
    if args.json:
        split = {"name": args.split, "examples": len(examples), "sha256": file_sha256(file)}
        checkpoints = [asdict(result) for result in results]
        report = {"labels": data.labels, "split": split, "checkpoints": checkpoints}
        write_report(args.json, "classify", report)
    if args.plot:
        from fairseq_cline.evaluation.reports import plots  # needs matplotlib

        matrices = {result.name: result.confusion for result in results}
        plots.confusion_matrices(args.plot, data.labels, matrices)


if __name__ == "__main__":
    main()
