"""The pairs of classes that classifiers confuse most, as static label distances for CLLD.

    python -m fairseq_cline.evaluation.classify plain/checkpoint_best.pt --data data-bin/20ng \\
        --split valid --json valid.json
    python -m fairseq_cline.evaluation.confused_pairs valid.json --top 3 --output pairs.tsv
    fairseq-train ... --criterion clld --label-distance static --label-distance-file pairs.tsv

The paper picks the pairs by hand (section IV-D). Here a pair counts the examples of either class
that are taken for the other, of all checkpoints in the file: not their share, so that a class of
two examples does not come first. Pairs that are confused equally often stand in the order of the
labels.
"""

from collections.abc import Sequence

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import whole_number
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.classifiers.confusions import (
    most_confused,
    read_confusions,
    write_label_distances,
)


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    add("json", help="report of evaluation.classify on the validation split")
    add(
        "--top",
        type=whole_number(1),
        default=3,
        metavar="N",
        help="number of pairs, >= 1 (default: 3)",
    )
    add("--distance", type=float, default=5.0, metavar="D",
        help="distance of each pair, > 0; that of all others is 1 (tau of section IV-B; default: the paper's 5)")  # fmt: skip
    add(
        "--output",
        required=True,
        metavar="FILE",
        help="file that gets lines label<TAB>label<TAB>distance",
    )
    args = parser.parse_args(argv)
    if not 0 < args.distance < float("inf"):
        raise InputError(f"--distance {args.distance:g}: must be a number above 0")
    commands.check_outputs(args, "output")
    labels, matrix = read_confusions(args.json)
    pairs = most_confused(labels, matrix, args.top)
    if not pairs:
        raise InputError(f"{args.json}: no class is taken for another, so there are no pairs")
    wrong = int(matrix.sum() - matrix.trace())
    print(f"{len(pairs)} pair(s), of {wrong:,} wrong answers to {int(matrix.sum()):,} examples:")
    for pair in pairs:
        print(f"  {pair.confused:6,}  {pair.first}, {pair.second}")
    commands.write_outputs(
        args, output=lambda path: write_label_distances(path, pairs, args.distance)
    )


if __name__ == "__main__":
    main()
