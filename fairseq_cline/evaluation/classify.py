"""How often classifiers are right: accuracy, macro-F1, the confusion matrix, the metrics of GLUE.

    python -m fairseq_cline.evaluation.classify mlm=a/checkpoint_best.pt dcl=b/checkpoint_best.pt \\
        --data data-bin/mr --split test --json mr.json --plot confusion.png --predictions mr/

Takes checkpoints of `--task sentence_prediction` or `clld_classification` with any architecture,
and a data-bin of data_prep.text_classification. Figures are percentages with the standard error of
the test set (bootstrap). With two classes, F1 is that of the last label ("1" of GLUE). A regression
gives Pearson's and Spearman's correlations. Texts that are longer than a model reads lose their end,
pairs that of the longer text; how many is said. Predictions have all their digits.
"""

import os
from collections.abc import Sequence
from dataclasses import asdict

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.command_line import command, command_parser
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.classifiers.accuracy import evaluate, table, write_predictions
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin
from fairseq_cline.evaluation.classifiers.options import add_classifiers
from fairseq_cline.evaluation.reports.notes import cut_notes
from fairseq_cline.evaluation.reports.report_file import draw_report, write_report


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add_classifiers(parser)
    add = parser.add_argument
    add("--split", default="test", help="split of the data-bin: valid, test (default: test)")
    add("--plot", metavar="FILE.png", help="draw the confusion matrices")
    add(
        "--predictions", metavar="FOLDER", help="folder that gets NAME.tsv, a line for each example"
    )
    args = commands.parse(parser, argv)
    commands.check_outputs(args, "json", figures=["plot"])
    paths = commands.named_models(args.checkpoints)
    commands.check_folder(args, "predictions", [f"{name}.tsv" for name in paths])
    data = open_databin(args.data, verify=not args.skip_verification)
    if args.plot and not data.labels:
        raise InputError("--plot draws classes, and the labels of this data are numbers; drop it")
    file = data.split_path(args.split)
    examples = data.read(file)
    results, outputs = [], {}
    for name, path in paths.items():
        classifier = load_classifier(path, data, name, commands.device(args.cpu))
        result, outputs[name] = evaluate(classifier, examples)
        results.append(result)
    print(f"{args.split}, n = {len(examples):,}: percent ± standard error\n")
    print(table(results))
    for note in cut_notes({result.name: result.cut for result in results}):
        print(note)
    report = {
        "labels": data.labels,
        "split": {"name": args.split, "examples": len(examples), "sha256": file_sha256(file)},
        "checkpoints": [asdict(result) for result in results],
    }

    def write_all_predictions(folder: str) -> None:
        os.makedirs(folder, exist_ok=True)
        for name, output in outputs.items():
            write_predictions(os.path.join(folder, f"{name}.tsv"), data, examples, output)

    commands.write_outputs(
        args,
        predictions=write_all_predictions,
        json=lambda path: write_report(path, "classify", report, paths),
        plot=lambda path: draw_report(path, "classify", report),
    )


if __name__ == "__main__":
    main()
