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

import itertools
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser


@dataclass(frozen=True)
class Pair:
    first: str
    second: str
    confused: int  # examples, both directions


def read(path: str) -> tuple[list[str], np.ndarray]:
    """The labels, and the confusion matrices of all checkpoints added: (K, K).

    Raises:
        InputError: the file is no result of evaluation.classify, or one of a test set.
    """
    try:
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        labels, split = report["labels"], report["split"]["name"]
        matrix = np.sum([row["confusion"] for row in report["checkpoints"]], axis=0, dtype=int)
        if matrix.shape != 2 * (len(labels),):
            raise ValueError("no confusion matrix")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: not a result of evaluation.classify --json with classes ({error}); "
            "make it again"
        ) from error
    if split.startswith("test"):
        raise InputError(
            f"{path}: made from the split '{split}', and what is chosen with a test set cannot be "
            "tested on it; give a result of --split valid"
        )
    return labels, matrix


def most_confused(labels: list[str], matrix: np.ndarray, top: int) -> list[Pair]:
    """The first `top` pairs of those that are confused at all."""
    pairs = [
        Pair(labels[i], labels[j], int(matrix[i, j] + matrix[j, i]))
        for i, j in itertools.combinations(range(len(labels)), 2)
    ]
    pairs.sort(key=lambda pair: pair.confused, reverse=True)  # stable: see the ties above
    return [pair for pair in pairs[:top] if pair.confused]


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    add("json", help="of evaluation.classify on the validation split")
    add("--top", type=int, default=3, metavar="N", help="pairs, >= 1 (default: 3)")
    add("--distance", type=float, default=5.0, metavar="D",
        help="of each pair, > 0; all others are 1 (tau of section IV-B; default: the paper's 5)")  # fmt: skip
    add("--output", required=True, metavar="FILE", help="gets label<TAB>label<TAB>distance lines")
    args = parser.parse_args(argv)
    if args.top < 1 or not 0 < args.distance < float("inf"):
        raise InputError("--top must be 1 or more, and --distance above 0; give others")
    labels, matrix = read(args.json)
    pairs = most_confused(labels, matrix, args.top)
    if not pairs:
        raise InputError(f"{args.json}: no class is taken for another, so there are no pairs")
    if os.path.isdir(args.output):
        raise InputError(f"--output {args.output}: is a folder; name a file")
    try:
        with open(args.output + ".tmp", "w", encoding="utf-8") as file:
            file.writelines(f"{pair.first}\t{pair.second}\t{args.distance:g}\n" for pair in pairs)
        os.replace(args.output + ".tmp", args.output)
    except OSError as error:
        raise InputError(f"--output {args.output}: {error.strerror}; give another") from error
    wrong = int(matrix.sum() - matrix.trace())
    print(f"{len(pairs)} pair(s), of {wrong:,} wrong answers to {int(matrix.sum()):,} examples:")
    for pair in pairs:
        print(f"  {pair.confused:6,}  {pair.first}, {pair.second}")


if __name__ == "__main__":
    main()
