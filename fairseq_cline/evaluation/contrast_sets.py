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
from dataclasses import asdict, astuple, dataclass
from functools import partial

import numpy as np

from data_prep.classification.examples import Example
from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.command_line import command, command_parser
from fairseq_cline.evaluation import classify
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.classifiers import classifier as classifiers
from fairseq_cline.evaluation.classifiers.classifier import Classifier
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData, open_databin
from fairseq_cline.evaluation.classifiers.metrics import RESAMPLES, SEED, Score
from fairseq_cline.evaluation.classifiers.model_selection import (
    HELP,
    Candidate,
    accuracy,
    choose,
    describe,
    groups,
    right,
    short_name,
)
from fairseq_cline.evaluation.reports.report_file import write_report

ORIGINAL, CONTRAST = "original", "contrast"
MEASURES = {"original": "Ori", "contrast": "Rev", "consistency": "Con"}
WARNING = (
    "CHOSEN ON THE CONTRAST EXAMPLES THEMSELVES (--select contrast), as in CLINE's paper: "
    "too good to be compared with figures that are chosen on validation data"
)

Set = list[Example]
"""The original, then its contrast examples."""


@dataclass(frozen=True)
class Result:
    """What one model does, in percent."""

    name: str
    checkpoint: str
    sha256: str
    candidates: list[Candidate]  # with the figure that decided; empty: there was one checkpoint
    original: Score
    contrast: Score
    consistency: Score
    cut: int  # examples longer than the model reads


def read_sets(path: str, data: ClassificationData) -> list[Set]:
    """The sets of a file of data_prep.contrast_set.

    Raises:
        InputError: a line is wrong, or a set has not one original and contrast examples.
    """
    try:
        with open(path, encoding="utf-8", newline="\n") as file:
            lines = file.read().removesuffix("\n").split("\n")
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text ({error}); give another") from error
    wanted = "<TAB>".join(["set", f"{ORIGINAL}|{CONTRAST}", "label", *["text"] * data.texts])
    originals: dict[str, Set] = {}
    others: dict[str, Set] = {}
    for number, line in enumerate(lines, 1):
        cells = line.split("\t")
        if len(cells) != 3 + data.texts or cells[1] not in (ORIGINAL, CONTRAST):
            raise InputError(f"{path}, line {number}: not {wanted}; make it again")
        name, kind, label, *texts = cells
        if label not in data.labels:
            raise InputError(
                f"{path}, line {number}: the label '{label}' is not one of {data.folder} "
                f"({', '.join(data.labels)}); give data_prep.contrast_set --labels"
            )
        group = originals if kind == ORIGINAL else others
        group.setdefault(name, []).append(Example(label, tuple(texts)))
    for name in {**originals, **others}:
        if len(originals.get(name, [])) != 1 or name not in others:
            raise InputError(
                f"{path}: set {name} has not one original and a contrast example; make it again"
            )
    return [originals[name] + others[name] for name in originals]


def contrast_scores(sets: list[list[bool]]) -> dict[str, Score]:
    """`MEASURES` of S sets: whether the original of each is right, then the contrast examples."""
    rows = [[first, sum(rest), len(rest), first and all(rest)] for first, *rest in sets]
    table = np.array(rows, dtype=np.float64)  # (S, 4)
    shares = np.full(len(sets), 1 / len(sets))
    drawn = np.random.default_rng(SEED).multinomial(len(sets), shares, RESAMPLES)  # (R, S)
    sums = np.vstack([table.sum(0), drawn @ table])  # (1 + R, 4), of all sets first
    originals, contrast, sizes, consistent = sums.T
    values = (originals / len(sets), contrast / sizes, consistent / len(sets))  # (1 + R,) each
    return {
        measure: Score(100.0 * float(value[0]), 100.0 * float(value[1:].std(ddof=1)))
        for measure, value in zip(MEASURES, values, strict=True)
    }


def evaluate(classifier: Classifier, sets: list[Set]) -> dict[str, Score]:
    """The `MEASURES` of a classifier."""
    answers = iter(right(classifier, [example for one in sets for example in one]))
    return contrast_scores([[next(answers) for _ in one] for one in sets])


def table(results: list[Result]) -> str:
    """Markdown: one row a model."""
    lines = ["| | " + " | ".join(MEASURES.values()) + " |", "|---" * (len(MEASURES) + 1) + "|"]
    for result in results:
        scores = [getattr(result, measure) for measure in MEASURES]
        cells = [f"{score.value:.1f} ± {score.standard_error:.1f}" for score in scores]
        lines.append(f"| {commands.escaped(result.name)} | {' | '.join(cells)} |")
    return "\n".join(lines)


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    commands.add_checkpoints(parser, HELP)
    add = parser.add_argument
    add("--data", required=True, metavar="DATABIN", help="that of the training")
    add("--sets", required=True, metavar="FILE", help="sets.tsv of data_prep.contrast_set")
    add(
        "--select",
        choices=("valid", "contrast"),
        default="valid",
        help="what chooses among checkpoints of one name: accuracy on the validation split, or, as "
        "in CLINE's paper, on the contrast examples that are reported (default: valid)",
    )
    add("--plot", metavar="FILE.png", help="draw the three figures")
    args = commands.parse(parser, argv)
    commands.check_outputs(json=args.json)
    commands.check_figures(plot=args.plot)
    models = groups(args.checkpoints)
    data = open_databin(args.data)
    if not data.labels:
        raise InputError(f"--data {args.data}: its labels are numbers; contrast sets need classes")
    sets = read_sets(args.sets, data)
    chosen = any(len(paths) > 1 for paths in models.values())
    if args.select == "contrast":
        examples = [example for _, *others in sets for example in others]
    else:
        examples = data.read(data.split_path("valid")) if chosen else []
    results = []
    for name, paths in models.items():
        load = partial(classifiers.load, name, data=data, device=commands.device(args.cpu))
        path, candidates = choose(paths, load, partial(accuracy, examples=examples))
        classifier = load(path)
        cut = classify.count_cut(classifier, [example for one in sets for example in one])
        about = (name, short_name(path), classifier.sha256, candidates)
        results.append(Result(*about, **evaluate(classifier, sets), cut=cut))
    print(f"{len(sets):,} contrast sets: percent ± standard error\n")
    print(table(results))
    classify.print_cut(results)
    report = {}
    if chosen:
        print("\n" + describe({result.name: result.candidates for result in results}, args.select))
        if args.select == "contrast":
            print(WARNING)
            report["warning"] = WARNING
    if args.json:
        report["split"] = {
            "sets": len(sets),
            "examples": sum(map(len, sets)),
            "sha256": file_sha256(args.sets),
            "selected_on": args.select,
        }
        report["checkpoints"] = [asdict(result) for result in results]
        write_report(args.json, "contrast_sets", report)
    if args.plot:
        from fairseq_cline.evaluation.reports import plots  # needs matplotlib

        bars = {
            result.name: {
                title: astuple(getattr(result, measure)) for measure, title in MEASURES.items()
            }
            for result in results
        }
        plots.bars_by_kind(args.plot, {"contrast sets": bars})


if __name__ == "__main__":
    main()
