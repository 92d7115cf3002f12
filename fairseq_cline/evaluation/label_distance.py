"""The label distances that CLLD has learned (Lan et al., 2021, Figure 2): what is confused with what.

    python -m fairseq_cline.evaluation.label_distance adaptive=a/checkpoint_best.pt \\
        --data data-bin/20ng --plot distances.png --csv distances.csv

Takes checkpoints of `--criterion clld` and the data-bin of their training. Prints the pairs of
classes with the largest distance, and by how many updates of Algorithm 1 it came about. The
distance of a pair is the mean of both directions; the figure and the CSV have each.
"""

import csv
import itertools
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from fairseq import checkpoint_utils

import fairseq_cline.plugin  # noqa: F401 - registers what a checkpoint may name
from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.command_line import command, command_parser
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin
from fairseq_cline.evaluation.reports.report_file import write_report

Matrix = list[list[float]]


@dataclass(frozen=True)
class LabelDistance:
    """The matrix of one checkpoint, and how it came about."""

    name: str
    sha256: str
    kind: str  # adaptive, static or none: --label-distance of the training
    updates: int  # steps of Algorithm 1 that the training went on with
    validations: int  # until the checkpoint was saved
    matrix: Matrix  # (K, K), the label of the anchor down

    def origin(self) -> str:
        """In words; what was not learned must not be taken for a result."""
        if self.kind != "adaptive":
            return f"--label-distance {self.kind}: nothing was learned"
        if self.updates:
            return f"{self.updates} update(s) of Algorithm 1 in {self.validations} validation(s)"
        return (
            "this checkpoint was chosen before the first update of Algorithm 1, after "
            f"{self.validations} validation(s): its training saw no distance but 1"
        )

    def farthest_pairs(self, labels: list[str], top: int) -> list[tuple[float, str, str]]:
        """(distance, label, label) of the pairs further apart than 1, the largest first."""
        pairs = [
            ((self.matrix[i][j] + self.matrix[j][i]) / 2, labels[i], labels[j])
            for i, j in itertools.combinations(range(len(labels)), 2)
        ]
        # Sorting keeps the order of the labels where distances are equal.
        pairs.sort(key=lambda pair: pair[0], reverse=True)
        return [pair for pair in pairs[:top] if pair[0] > 1]


def read(name: str, path: str, folder: str, labels: list[str]) -> LabelDistance:
    """The label distances in a checkpoint.

    Raises:
        InputError: there are none, or they are of other labels than those of the data-bin `folder`.
    """
    state = checkpoint_utils.load_checkpoint_to_cpu(path)
    saved, task = state.get("criterion") or {}, state["cfg"]["task"]
    if "label_distance.matrix" not in saved:
        raise InputError(
            f"{path}: no label distances in it; give a checkpoint trained with --criterion clld"
        )
    matrix = saved["label_distance.matrix"]
    if len(matrix) != len(labels):
        raise InputError(
            f"{path} knows {len(matrix)} classes, {folder} has {len(labels)}; give --data the "
            "data-bin of its training"
        )
    return LabelDistance(
        name=name,
        sha256=file_sha256(path),
        kind=str(task.label_distance),
        updates=int(saved["label_distance.updates"]),
        validations=int(saved["label_distance.validations"]),
        matrix=matrix.tolist(),
    )


def write_csv(path: str, labels: list[str], distances: list[LabelDistance]) -> None:
    """A row for each checkpoint and label of the anchor, with a header."""
    with open(path + ".tmp", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["checkpoint", "label", *labels])
        for distance in distances:
            for label, row in zip(labels, distance.matrix, strict=True):
                writer.writerow([distance.name, label, *(f"{value:.4f}" for value in row)])
    os.replace(path + ".tmp", path)


def describe(distance: LabelDistance, labels: list[str], top: int) -> str:
    lines = [f"{distance.name}: {distance.origin()}"]
    for value, first, second in distance.farthest_pairs(labels, top):
        lines.append(f"  {value:6.2f}  {first}, {second}")
    return "\n".join(lines)


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    commands.add_checkpoints(parser, "of --criterion clld")
    add = parser.add_argument
    add("--data", required=True, metavar="DATABIN", help="that of the training")
    add("--top", type=int, default=10, metavar="N", help="pairs to print (default: 10)")
    add("--plot", metavar="FILE.png", help="draw the matrices")
    add("--csv", metavar="FILE.csv", help="write the matrices, a row for each label")
    args = commands.parse(parser, argv)
    commands.check_outputs(json=args.json, csv=args.csv)
    commands.check_figures(plot=args.plot)
    paths = commands.named_paths(args.checkpoints)
    labels = open_databin(args.data).labels
    distances = [read(name, path, args.data, labels) for name, path in paths.items()]
    for distance in distances:
        print(describe(distance, labels, args.top))
    if args.csv:
        write_csv(args.csv, labels, distances)
    if args.json:
        checkpoints = [asdict(distance) for distance in distances]
        write_report(args.json, "label_distance", {"labels": labels, "checkpoints": checkpoints})
    if args.plot:
        from fairseq_cline.evaluation.reports import plots  # needs matplotlib

        matrices = {distance.name: distance.matrix for distance in distances}
        plots.label_distances(args.plot, labels, matrices)


if __name__ == "__main__":
    main()
