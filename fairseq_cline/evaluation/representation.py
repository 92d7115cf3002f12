"""Do sentences and their changed versions stay close, and other sentences apart? Or all collapse?

DCL, section 5.2, Figures 3 and 2. Takes checkpoints of any RoBERTa-like encoder, for example of
DCL with each --projection-norm and of its masked-LM baseline:

    python -m fairseq_cline.evaluation.representation mlm=a.pt none=b.pt power=c.pt \\
        --data data-bin --split test --json r.json --histogram figure3.png --tsne figure2.png

Changed versions are the synonym sentences of the data-bin, or those of two texts, line by line,
such as the two files that data_prep.invariance_set writes for a kind (`cut -f2`):

    ... --data data-bin --original a.txt --perturbed b.txt --sentencepiece-model spm.model

Positive pairs are a sentence and its version; random pairs are all pairs of different originals.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.command_line import command, command_parser
from fairseq_cline.data.triplet_databin import DataBin
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.encoders import metrics, sentence_pairs
from fairseq_cline.evaluation.encoders.sentence_pairs import SentencePairs
from fairseq_cline.evaluation.encoders.sentence_vectors import CLS, MEANING, sentence_vectors
from fairseq_cline.evaluation.encoders.triplet_scores import load_model, open_databin
from fairseq_cline.evaluation.reports.report_file import write_report

BINS = 100  # of a histogram, from -1 to 1


@dataclass(frozen=True)
class Cosines:
    """How the cosines of some pairs are distributed."""

    mean: float
    standard_deviation: float  # over the pairs, not of the mean
    histogram: list[float]  # share of the pairs in each of BINS equal steps from -1 to 1

    @classmethod
    def of(cls, cosines: Tensor) -> "Cosines":
        counts = torch.histc(cosines, BINS, min=-1.0, max=1.0)
        shares = counts / len(cosines)
        return cls(float(cosines.mean()), float(cosines.std(correction=0)), shares.tolist())


@dataclass(frozen=True)
class Geometry:
    """Where one kind of vectors lies on the sphere."""

    positive: Cosines
    random: Cosines
    alignment: float
    uniformity: float
    effective_rank: float

    @classmethod
    def of(cls, original: Tensor, perturbed: Tensor) -> "Geometry":
        """Of N pairs of vectors, (N, C) each."""
        positive = metrics.pair_cosines(original, perturbed)
        random = metrics.random_cosines(original)
        return cls(
            positive=Cosines.of(positive),
            random=Cosines.of(random),
            alignment=metrics.alignment(positive),
            uniformity=metrics.uniformity(random),
            effective_rank=metrics.effective_rank(original),
        )


@dataclass(frozen=True)
class Result:
    """What one checkpoint makes of the pairs."""

    name: str
    sha256: str
    cut: int  # sentences longer than the model reads
    features: dict[str, Geometry | None]  # kind of vectors -> None if the model has none
    tsne_pair_distance: float | None = None  # with --tsne: see tsne.pair_distance


def represent(
    name: str, path: str, databin: DataBin, pairs: SentencePairs, args: argparse.Namespace
) -> tuple[Result, Tensor | None]:
    """The result of one checkpoint and, with --tsne, its map (2, N, 2) of the first pairs."""
    model = load_model(path, databin.dictionary, projection_data=databin.folder)
    sentences = [*pairs.original, *pairs.perturbed]
    vectors = sentence_vectors(
        model, sentences, databin.dictionary.pad(), commands.device(args.cpu)
    )
    if not all(both.isfinite().all() for both in vectors.values() if both is not None):
        raise InputError(f"{path}: its features are not finite; give one from before it diverged")
    points, distance = None, None
    if args.tsne:
        from fairseq_cline.evaluation.encoders import tsne  # needs scikit-learn

        shown = [half[: args.tsne_sentences] for half in vectors[CLS].chunk(2)]
        points = tsne.sentence_map(*shown, seed=args.seed)
        distance = tsne.pair_distance(points)
    result = Result(
        name=name,
        sha256=file_sha256(path),
        cut=sum(len(tokens) > model.max_positions() for tokens in sentences),
        features={
            kind: None if both is None else Geometry.of(*both.chunk(2))
            for kind, both in vectors.items()
        },
        tsne_pair_distance=distance,
    )
    return result, points


def table(results: list[Result]) -> str:
    """A row for each checkpoint and kind of vectors, and what the columns are."""
    width = max(len("checkpoint"), *(len(result.name) for result in results))
    lines = [
        f"{'checkpoint':{width}}  {'vectors':14}  {'positive pairs':>15}  {'random pairs':>15}"
        + "  alignment  uniformity  effective rank"
    ]
    for result in results:
        for kind, geometry in result.features.items():
            if geometry is None:
                continue
            cells = [
                f"{pairs.mean:.4f} ± {pairs.standard_deviation:.4f}"
                for pairs in (geometry.positive, geometry.random)
            ]
            lines.append(
                f"{result.name:{width}}  {kind:14}  {cells[0]:>15}  {cells[1]:>15}  "
                f"{geometry.alignment:9.4f}  {geometry.uniformity:z10.3f}  "
                f"{geometry.effective_rank:14.1f}"
            )
    lines += ["", *(f"{kind}: {meaning}" for kind, meaning in MEANING.items())]
    lines += [
        "pairs: cosine, mean ± standard deviation over the pairs",
        "alignment: mean squared distance of positive pairs; 0 is closest (Wang & Isola, alpha 2)",
        "uniformity: log mean exp(-2 d^2) of random pairs; 0 is collapse, -4 far apart (t 2)",
        "effective rank: directions in which the originals differ (Roy & Vetterli); 1 is least",
    ]
    for result in results:
        if result.tsne_pair_distance is not None:
            distance = f"{result.tsne_pair_distance:.3f}"
            lines.append(f"{result.name}: distance of pairs on the map {distance} of random ones")
        if result.cut:
            lines.append(f"{result.name}: {result.cut:,} sentences cut to fit the model")
    return "\n".join(lines)


def read_pairs(databin: DataBin, args: argparse.Namespace) -> SentencePairs:
    """The sample of pairs that all checkpoints get.

    Raises:
        InputError: fewer than two pairs, which have no random pair; or as in `sentence_pairs`.
    """
    if args.original:
        texts = (args.original, args.perturbed, args.sentencepiece_model)
        pairs = sentence_pairs.from_texts(*texts, databin, args.sentences, args.seed)
    else:
        pairs = sentence_pairs.from_databin(databin, args.split, args.sentences, args.seed)
    if len(pairs) < 2:
        raise InputError(
            f"{args.original or args.data}: {len(pairs)} pair(s), but random pairs need 2 or more"
        )
    return pairs


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    commands.add_checkpoints(parser, "RoBERTa-like, of any task")
    add(
        "--data",
        required=True,
        metavar="DATABIN",
        help="made by data_prep.make_triplets with the checkpoints' dictionary",
    )
    add("--split", default="test", help="of the data-bin: valid, test (default: test)")
    add(
        "--sentences",
        type=int,
        default=2000,
        metavar="N",
        help="pairs to draw, all if there are fewer; memory grows with N^2 (default: 2000)",
    )
    add("--seed", type=int, default=1, help="of the draw and of t-SNE (default: 1)")
    add("--histogram", metavar="FILE.png", help="draw the cosines of both kinds of pairs")
    add("--tsne", metavar="FILE.png", help=f"draw a t-SNE map of {CLS}, pairs joined by a line")
    add(
        "--tsne-sentences",
        type=int,
        default=50,
        metavar="N",
        help="pairs on the map, the first of those drawn (default: 50)",
    )
    text = parser.add_argument_group("texts in place of a split")
    text.add_argument("--original", metavar="FILE", help="plain text, a sentence a line")
    text.add_argument("--perturbed", metavar="FILE", help="their changed versions, line by line")
    text.add_argument("--sentencepiece-model", metavar="FILE", help="tokenizer of the data-bin")
    return parser


def _check(args: argparse.Namespace) -> None:
    """Before the work, which may take long."""
    commands.check_outputs(json=args.json)
    commands.check_figures(histogram=args.histogram, tsne=args.tsne)
    for flag in ("sentences", "tsne_sentences"):
        if getattr(args, flag) < 2:
            raise InputError(f"--{flag.replace('_', '-')} must be at least 2")
    texts = [args.original, args.perturbed, args.sentencepiece_model]
    if any(texts) and not all(texts):
        raise InputError("--original, --perturbed and --sentencepiece-model need each other")
    if args.tsne:
        try:
            import sklearn  # noqa: F401
        except ImportError as error:
            raise InputError("--tsne needs scikit-learn: pip install scikit-learn") from error


@command
def main(argv: Sequence[str] | None = None) -> None:
    args = commands.parse(_parser(), argv)
    _check(args)
    paths = commands.named_paths(args.checkpoints)
    databin = open_databin(args.data)
    pairs = read_pairs(databin, args)
    results, maps = [], {}
    for name, path in paths.items():
        result, maps[name] = represent(name, path, databin, pairs, args)
        results.append(result)
    n, unchanged = len(pairs), pairs.unchanged()
    print(f"{n:,} positive pairs ({unchanged:,} unchanged), {n * (n - 1) // 2:,} random pairs\n")
    print(table(results))
    if args.json:
        split = {**pairs.source, "unchanged": unchanged}
        checkpoints = [asdict(result) for result in results]
        write_report(args.json, "representation", {"split": split, "checkpoints": checkpoints})
    if args.histogram or args.tsne:
        from fairseq_cline.evaluation.reports import plots  # needs matplotlib

        if args.histogram:
            plots.cosine_histograms(args.histogram, {r.name: r.features for r in results})
        if args.tsne:
            plots.sentence_maps(args.tsne, maps)


if __name__ == "__main__":
    main()
