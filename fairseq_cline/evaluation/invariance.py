"""Flip rate: do classifiers stay with their prediction when a text changes but its label does not?

    python -m data_prep.invariance_set test.tsv --destdir invariance

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
from collections.abc import Sequence
from dataclasses import asdict

from data_prep.files.checksums import file_sha256
from data_prep.files.command_line import command, command_parser
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.flips import evaluate, read_sets, set_files, table
from fairseq_cline.evaluation.classifiers.options import add_classifiers, open_classes
from fairseq_cline.evaluation.reports.report_file import draw_report, write_report


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add_classifiers(parser)
    add = parser.add_argument
    add("--sets", required=True, metavar="FOLDER", help="folder of data_prep.invariance_set")
    add("--plot", metavar="FILE.png", help="draw accuracy and flip rate by kind")
    args = commands.parse(parser, argv)
    commands.check_outputs(args, "json", figures=["plot"])
    paths = commands.named_models(args.checkpoints)
    data = open_classes(args.data, "a flip of a prediction", verify=not args.skip_verification)
    sets = read_sets(args.sets, data)
    device = commands.device(args.cpu)
    results = [
        evaluate(load_classifier(path, data, name, device), sets) for name, path in paths.items()
    ]
    print("percent ± standard error\n")
    print(table(results))
    files = [path for kind in sets for path in set_files(args.sets, kind)]
    report = {
        "labels": data.labels,
        "split": {os.path.basename(path): file_sha256(path) for path in files},
        "checkpoints": [asdict(result) for result in results],
    }
    commands.write_outputs(
        args,
        json=lambda path: write_report(path, "invariance", report, paths),
        plot=lambda path: draw_report(path, "invariance", report),
    )


if __name__ == "__main__":
    main()
