"""The label distances that CLLD has learned (Lan et al., 2021, Figure 2): which classes are confused.

    python -m fairseq_cline.evaluation.label_distance adaptive=a/checkpoint_best.pt \\
        --data data-bin/20ng --plot distances.png --csv distances.csv

Takes checkpoints of `--criterion clld` and the data-bin of their training. Prints the pairs of
classes with the largest distance, and by how many updates of Algorithm 1 it came about. The
distance of a pair is the mean of both directions; the figure and the CSV have each.
"""

from collections.abc import Sequence
from dataclasses import asdict

from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import whole_number
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.classifiers.learned_distances import (
    describe,
    read_distances,
    write_csv,
)
from fairseq_cline.evaluation.classifiers.options import add_classifiers, open_classes
from fairseq_cline.evaluation.reports.report_file import draw_report, write_report


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add_classifiers(parser, "models of --criterion clld")
    add = parser.add_argument
    add(
        "--top",
        type=whole_number(1),
        default=10,
        metavar="N",
        help="number of pairs to print (default: 10)",
    )
    add("--plot", metavar="FILE.png", help="draw the matrices")
    add("--csv", metavar="FILE.csv", help="write the matrices, a row for each label")
    args = commands.parse(parser, argv)
    commands.check_outputs(args, "json", "csv", figures=["plot"])
    paths = commands.named_models(args.checkpoints)
    data = open_classes(args.data, "a label distance", verify=not args.skip_verification)
    distances = [read_distances(path, data, name) for name, path in paths.items()]
    for one in distances:
        print(describe(one, data.labels, args.top))
    report = {"labels": data.labels, "checkpoints": [asdict(one) for one in distances]}
    commands.write_outputs(
        args,
        csv=lambda path: write_csv(path, data.labels, distances),
        json=lambda path: write_report(path, "label_distance", report, paths),
        plot=lambda path: draw_report(path, "label_distance", report),
    )


if __name__ == "__main__":
    main()
