"""Contrast sets: is a classifier right when a text changes by little and its label with it?

    python -m data_prep.contrast_set test_original.tsv test_contrast.tsv --format imdb \\
        --destdir sets/imdb

    python -m fairseq_cline.evaluation.contrast_sets mlm=mlm/checkpoint_best.pt \\
        cline=cline/lr{1e-5,2e-5,3e-5}/checkpoint_best.pt --data data-bin/imdb \\
        --sets sets/imdb/sets.tsv --json contrast.json --plot contrast.png

(The shell writes `cline=` before each of the three.) After Gardner et al. (2020), in percent with
the standard error of the sets (bootstrap over sets): *Ori*, accuracy on the originals; *Rev*,
accuracy on the contrast examples; *Con*, contrast consistency, the share of the sets in which the
original and every contrast example is right. CLINE, Table 4.

Of several checkpoints of one name, the one with the highest accuracy on the validation split of
the data-bin is taken. CLINE's paper takes the best one on the contrast examples themselves:
`--select contrast` does so too, and its figures are too good for any other comparison.

A model that reads only the beginning of a text may not see the change. How many examples are cut
like this is printed below the table.
"""

from collections.abc import Sequence
from dataclasses import asdict

from data_prep.files.checksums import file_sha256
from data_prep.files.command_line import command, command_parser
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.consistency import (
    evaluate,
    examples_of,
    read_sets,
    table,
)
from fairseq_cline.evaluation.classifiers.model_selection import choose, chosen_paths, groups
from fairseq_cline.evaluation.classifiers.options import add_classifiers, open_classes
from fairseq_cline.evaluation.reports.notes import CHOSEN_ON_CONTRAST, chosen_notes, cut_notes
from fairseq_cline.evaluation.reports.report_file import draw_report, write_report


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add_classifiers(parser, several=True)
    add = parser.add_argument
    add("--sets", required=True, metavar="FILE", help="file sets.tsv of data_prep.contrast_set")
    add(
        "--select",
        choices=("valid", "contrast"),
        default="valid",
        help="examples that choose among checkpoints of one name by accuracy: the validation split, "
        "or, as in CLINE's paper, the contrast examples that are reported (default: valid)",
    )
    add("--plot", metavar="FILE.png", help="draw the three figures")
    args = commands.parse(parser, argv)
    commands.check_outputs(args, "json", figures=["plot"])
    models = groups(args.checkpoints)
    data = open_classes(args.data, "a contrast set", verify=not args.skip_verification)
    sets = read_sets(args.sets, data)
    contrast = [example for found in sets for example in found.contrast]
    deciding = contrast if args.select == "contrast" else None
    device = commands.device(args.cpu)
    choices = choose(models, data, deciding, device)
    results = [
        evaluate(load_classifier(choice.path, data, name, device), sets)
        for name, choice in choices.items()
    ]
    print(f"{len(sets):,} contrast sets: percent ± standard error\n")
    print(table(results))
    for note in cut_notes({result.name: result.cut for result in results}):
        print(note)
    rows = [asdict(result) | choices[result.name].origin() for result in results]
    report = {}
    if notes := chosen_notes(rows, args.select):
        print("", *notes, sep="\n")
        if args.select == "contrast":
            print(CHOSEN_ON_CONTRAST)
            report["warning"] = CHOSEN_ON_CONTRAST
    report["labels"] = data.labels
    report["split"] = {
        "sets": len(sets),
        "examples": len(examples_of(sets)),
        "sha256": file_sha256(args.sets),
        "selected_on": args.select,
    }
    report["checkpoints"] = rows
    commands.write_outputs(
        args,
        json=lambda path: write_report(path, "contrast_sets", report, chosen_paths(choices)),
        plot=lambda path: draw_report(path, "contrast_sets", report),
    )


if __name__ == "__main__":
    main()
