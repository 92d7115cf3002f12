"""Do sentences and their changed versions stay close, and other sentences apart? Or all collapse?

DCL, section 5.2, Figures 3 and 2. Takes checkpoints of any RoBERTa-like encoder, for example of
DCL with each --projection-norm and of its masked-LM baseline:

    python -m fairseq_cline.evaluation.representation mlm=a.pt none=b.pt power=c.pt \\
        --data data-bin --split test --json r.json --plot figure3.png --tsne figure2.png

Changed versions are the synonym sentences of the data-bin, or those of two texts, line by line,
such as the two files that data_prep.invariance_set writes for a kind (`cut -f2`):

    ... --data data-bin --original a.txt --perturbed b.txt

Positive pairs are a sentence and its version; random pairs are all pairs of different originals.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import seed, whole_number
from fairseq_cline.data.triplet_databin import DataBin
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.encoders.geometry import represent, table
from fairseq_cline.evaluation.encoders.pretrained_encoders import open_databin
from fairseq_cline.evaluation.encoders.sentence_pairs import (
    SentencePairs,
    pairs_of_databin,
    pairs_of_texts,
)
from fairseq_cline.evaluation.encoders.sentence_vectors import CLS
from fairseq_cline.evaluation.reports.drawing.frame import write_png
from fairseq_cline.evaluation.reports.drawing.pairs import sentence_maps
from fairseq_cline.evaluation.reports.report_file import draw_report, write_report


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    commands.add_checkpoints(parser, "RoBERTa-like models of any task")
    commands.add_data(
        parser, "data-bin of data_prep.make_triplets with the checkpoints' dictionary"
    )
    add("--split", default="test", help="split of the data-bin: valid, test (default: test)")
    add(
        "--limit",
        type=whole_number(2),
        default=2000,
        metavar="N",
        help="pairs to draw, all if there are fewer; memory grows with N^2 (default: 2000)",
    )
    add("--seed", type=seed, default=1, help="seed of the draw and of t-SNE (default: 1)")
    add("--plot", metavar="FILE.png", help="draw the cosines of both kinds of pairs")
    add("--tsne", metavar="FILE.png", help=f"draw a t-SNE map of {CLS}, pairs joined by a line")
    add(
        "--tsne-limit",
        type=whole_number(2),
        default=50,
        metavar="N",
        help="pairs on the map, the first of those drawn (default: 50)",
    )
    text = parser.add_argument_group("texts in place of a split")
    text.add_argument("--original", metavar="FILE", help="plain text, a sentence a line")
    text.add_argument(
        "--perturbed", metavar="FILE", help="changed versions of --original, line by line"
    )
    return parser


def _check(args: argparse.Namespace) -> None:
    commands.check_outputs(args, "json", figures=["plot", "tsne"])
    if bool(args.original) != bool(args.perturbed):
        raise InputError("--original and --perturbed need each other; give both")
    if args.tsne:
        commands.check_installed("--tsne", "sklearn")


def _draw_pairs(args: argparse.Namespace, databin: DataBin) -> SentencePairs:
    """The sample of pairs that all checkpoints get."""
    draw = {"count": args.limit, "seed": args.seed}
    if args.original:
        pairs = pairs_of_texts(args.original, args.perturbed, databin, **draw)
    else:
        pairs = pairs_of_databin(databin, args.split, **draw)
    if len(pairs) < 2:
        raise InputError(
            f"{args.original or args.data}: {len(pairs)} pair(s), but random pairs need 2 or more"
        )
    return pairs


@command
def main(argv: Sequence[str] | None = None) -> None:
    args = commands.parse(_parser(), argv)
    _check(args)
    checkpoints = commands.named_models(args.checkpoints)
    databin = open_databin(args.data, verify=not args.skip_verification)
    pairs = _draw_pairs(args, databin)
    results, maps = [], {}
    for name, path in checkpoints.items():
        result, points = represent(
            path,
            databin,
            pairs,
            name=name,
            map_pairs=args.tsne_limit if args.tsne else 0,
            seed=args.seed,
            device=commands.device(args.cpu),
        )
        results.append(result)
        maps[name] = points
    n, unchanged = len(pairs), pairs.unchanged()
    print(f"{n:,} positive pairs ({unchanged:,} unchanged), {n * (n - 1) // 2:,} random pairs\n")
    print(table(results))
    report = {
        "split": {**pairs.source, "unchanged": unchanged},
        "checkpoints": [asdict(result) for result in results],
    }
    commands.write_outputs(
        args,
        json=lambda path: write_report(path, "representation", report, checkpoints),
        plot=lambda path: draw_report(path, "representation", report),
        tsne=lambda path: write_png(
            path, sentence_maps({name: both.tolist() for name, both in maps.items()})
        ),
    )


if __name__ == "__main__":
    main()
