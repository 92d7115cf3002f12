"""Whether classifiers stay with their prediction when a text changes but its label does not.

    python -m data_prep.invariance_set test.tsv invariance

    python -m fairseq_cline.evaluation.invariance mlm=a/checkpoint_best.pt dcl=b/checkpoint_best.pt \\
        --data data-bin/mr --sets invariance --json invariance.json --plot invariance.png

For each kind of change: accuracy on the untouched examples, on the changed ones, and the flip rate,
the share of predictions that are another class after the change, right or wrong (the failure rate
of CheckList's invariance tests, Ribeiro et al., 2020). A model that always answers the same never
flips: read the rate beside the accuracy. Figures are percentages with their standard error. `all`
is over the examples of all kinds; an example that several kinds change counts as one draw for the
error. The folder may hold any pairs of files KIND.tsv and KIND.original.tsv, line by line.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass

import torch
from torch import Tensor

from data_prep.classification.examples import Example
from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.command_line import command, command_parser
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.classifiers import classifier as classifiers
from fairseq_cline.evaluation.classifiers.classifier import Classifier
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData, open_databin
from fairseq_cline.evaluation.classifiers.metrics import Score
from fairseq_cline.evaluation.reports.report_file import write_report

ALL = "all"
ORIGINAL = ".original.tsv"

Pairs = list[tuple[Example, Example]]
"""(untouched, changed)"""


@dataclass(frozen=True)
class Invariance:
    """What one checkpoint does on one kind of change, in percent."""

    examples: int
    original: Score
    perturbed: Score
    flips: Score


@dataclass(frozen=True)
class Result:
    """What one checkpoint does, by kind of change."""

    name: str
    sha256: str
    kinds: dict[str, Invariance]


def set_files(folder: str, kind: str) -> tuple[str, str]:
    """The untouched and the changed examples of a kind."""
    return os.path.join(folder, kind + ORIGINAL), os.path.join(folder, f"{kind}.tsv")


def read_sets(folder: str, data: ClassificationData) -> dict[str, Pairs]:
    """Kind -> pairs of examples.

    Raises:
        InputError: there are none, or the two files of a kind are not in step.
    """
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    kinds = [name.removesuffix(ORIGINAL) for name in names if name.endswith(ORIGINAL)]
    if not kinds:
        raise InputError(f"{folder}: no *{ORIGINAL} in it; make it with data_prep.invariance_set")
    sets = {}
    for kind in kinds:
        untouched, changed = set_files(folder, kind)
        originals, others = data.read(untouched), data.read(changed)
        if [example.label for example in originals] != [example.label for example in others]:
            raise InputError(
                f"{changed}: its labels are not those of {untouched}, line by line; make both again"
            )
        sets[kind] = list(zip(originals, others, strict=True))
    return sets


def mean_and_error(values: Iterable[bool], groups: Iterable[object]) -> Score:
    """Share in percent of the True values; values of one group are not independent.

    The standard error of a mean of clusters: sqrt(sum over groups of (sum of v - mean)^2) / N;
    with groups of one it is that of a share, sqrt(p (1 - p) / N).
    """
    ids: dict[object, int] = {}
    group = torch.tensor([ids.setdefault(key, len(ids)) for key in groups])
    value = torch.tensor([*values], dtype=torch.float64)  # (N,)
    mean = value.mean()
    sums: Tensor = torch.zeros(len(ids), dtype=torch.float64).index_add(0, group, value - mean)
    return Score(100 * mean.item(), 100 * (sums.square().sum().sqrt() / len(value)).item())


def evaluate(classifier: Classifier, sets: dict[str, Pairs]) -> Result:
    """Predicts each text once, in however many kinds it is."""
    texts = [
        *dict.fromkeys(e.texts for pairs in sets.values() for pair in pairs for e in pair)
    ]  # (N,)
    outputs = classifier.probabilities(texts, progress=True).argmax(1).tolist()
    predicted = {
        text: classifier.data.labels[output] for text, output in zip(texts, outputs, strict=True)
    }
    every = [pair for pairs in sets.values() for pair in pairs]
    kinds = {}
    for kind, pairs in [*sets.items(), (ALL, every)]:
        groups = [untouched for untouched, _ in pairs]
        kinds[kind] = Invariance(
            examples=len(pairs),
            original=mean_and_error([predicted[a.texts] == a.label for a, _ in pairs], groups),
            perturbed=mean_and_error([predicted[b.texts] == b.label for _, b in pairs], groups),
            flips=mean_and_error(
                [predicted[a.texts] != predicted[b.texts] for a, b in pairs], groups
            ),
        )
    return Result(classifier.name, classifier.sha256, kinds)


def table(results: list[Result]) -> str:
    """Markdown: for each kind one row a checkpoint."""
    header = ["change", "examples", "checkpoint", "accuracy", "accuracy, changed", "flip rate"]
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    for kind in results[0].kinds:
        for result in results:
            found = result.kinds[kind]
            scores = (found.original, found.perturbed, found.flips)
            cells = [f"{score.value:.1f} ± {score.standard_error:.1f}" for score in scores]
            name = commands.escaped(result.name)
            lines.append("| " + " | ".join([kind, f"{found.examples:,}", name, *cells]) + " |")
    return "\n".join(lines)


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    commands.add_checkpoints(parser, "of --task sentence_prediction")
    add = parser.add_argument
    add("--data", required=True, metavar="DATABIN", help="that of the training")
    add("--sets", required=True, metavar="FOLDER", help="of data_prep.invariance_set")
    add("--plot", metavar="FILE.png", help="draw accuracy and flip rate by kind")
    args = commands.parse(parser, argv)
    commands.check_outputs(json=args.json)
    commands.check_figures(plot=args.plot)
    paths = commands.named_paths(args.checkpoints)
    data = open_databin(args.data)
    if not data.labels:
        raise InputError(f"--data {args.data}: its labels are numbers, so no prediction can flip")
    sets = read_sets(args.sets, data)
    device = commands.device(args.cpu)
    results = [
        evaluate(classifiers.load(name, path, data, device), sets) for name, path in paths.items()
    ]
    print("percent ± standard error\n")
    print(table(results))
    if args.json:
        files = [path for kind in sets for path in set_files(args.sets, kind)]
        report = {
            "split": {os.path.basename(path): file_sha256(path) for path in files},
            "checkpoints": [asdict(result) for result in results],
        }
        write_report(args.json, "invariance", report)
    if args.plot:
        from fairseq_cline.evaluation.reports import plots  # needs matplotlib

        panels = {
            title: {
                result.name: {kind: astuple(getattr(i, name)) for kind, i in result.kinds.items()}
                for result in results
            }
            for title, name in (
                ("accuracy, untouched", "original"),
                ("accuracy, changed", "perturbed"),
                ("flip rate", "flips"),
            )
        }
        plots.bars_by_kind(args.plot, panels)


if __name__ == "__main__":
    main()
