"""Results over several seeds: mean and spread, from JSON files of one command, one a seed.

    python -m fairseq_cline.evaluation.seeds quickstart/seed*-updates1500/hits.json
    python -m fairseq_cline.evaluation.seeds lm_brown/transformer_lm-u800-seed*/test.json
    python -m fairseq_cline.evaluation.seeds clld/mr/text_cnn/seed*/test.json \\
        --against plain --against twin --json mr.json

of `evaluation.hits`, `lm_robustness`, `translation_robustness`, `classify`, `invariance`,
`contrast_sets`, `adversarial` or `representation`. Writes a Markdown table. The spread is the standard deviation over the seeds
(n - 1); `against` is the mean of the differences from a baseline seed by seed, with their spread,
and *p* that of a paired t-test: how often seeds alone would give such a mean. The test needs three
seeds; it says nothing about the error that comes from a small test set.
"""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from scipy.stats import ttest_1samp

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation import contrast_sets, hits
from fairseq_cline.evaluation.reports.report_file import write_report

Figures = dict[str, float | None]
# First columns with an `against`.
COMPARED = ("perplexity", "BLEU", "accuracy", "Pearson", "Con", "under attack")


@dataclass(frozen=True)
class Cell:
    """One figure of one row over all seeds."""

    seeds: list[float | None]  # None: a model without this part
    mean: float | None
    spread: float | None  # None of a single seed too


@dataclass(frozen=True)
class Difference(Cell):
    """A row from a baseline."""

    p: float | None  # of a paired t-test; None of less than three seeds, or all the same


def _hits_figures(row: dict) -> Figures:
    # Older files are without BERTScore.
    best = {
        f"Hits {title}": row["best"][measure]["hits"]
        for measure, title in hits.MEASURES.items()
        if measure in row["best"]
    }
    return {
        **best,
        "contrastive accuracy": row["contrastive_accuracy"],
        "RTD F1": row["rtd"]["f1"] if row["rtd"] else None,
    }


def _robustness_figures(row: dict) -> Figures:
    """Clean, attacked, and the tokens after the perturbed word alone under the last attack."""
    attacked = {
        f"ε = {epsilon:g}": perplexity
        for epsilon, perplexity in zip(row["epsilon"][1:], row["perplexity"][1:], strict=True)
    }
    after = {f"after, ε = {row['epsilon'][-1]:g}": row["perplexity_after"][-1]}
    return {"perplexity": row["perplexity"][0], **attacked, **after}


def _translation_figures(row: dict) -> Figures:
    """Clean, with each choice of words attacked, and other wordings of the source."""
    attacked = {
        f"{which}, ε = {epsilon:g}": score
        for which, scores in row["bleu"].items()
        for epsilon, score in zip(row["epsilon"][1:], scores[1:], strict=True)
    }
    clean, *_ = (scores[0] for scores in row["bleu"].values())
    return {"BLEU": clean, **attacked, **row["source_texts"]}


def _classification_figures(row: dict) -> Figures:
    return {name: score["value"] for name, score in row["metrics"].items()}


def _representation_figures(row: dict) -> Figures:
    """Of each kind of vectors; alignment is 2 - 2 times the first."""
    result: Figures = {}
    for kind, geometry in row["features"].items():
        columns = {
            "positive": geometry and geometry["positive"]["mean"],
            "random": geometry and geometry["random"]["mean"],
            "uniformity": geometry and geometry["uniformity"],
            "effective rank": geometry and geometry["effective_rank"],
        }
        result |= {f"{kind}: {column}": value for column, value in columns.items()}
    return result


def _invariance_figures(row: dict) -> Figures:
    """Of the examples of all kinds, then the flips of each kind."""
    everything = row["kinds"]["all"]
    result: Figures = {
        "accuracy": everything["original"]["value"],
        "changed": everything["perturbed"]["value"],
        "flip rate": everything["flips"]["value"],
    }
    kinds = [kind for kind in row["kinds"] if kind != "all"]
    return result | {f"flips: {kind}": row["kinds"][kind]["flips"]["value"] for kind in kinds}


def _contrast_figures(row: dict) -> Figures:
    """Consistency decides, so it comes first."""
    result = {title: row[measure]["value"] for measure, title in contrast_sets.MEASURES.items()}
    return {"Con": result.pop("Con"), **result}


def _attack_figures(row: dict) -> Figures:
    """Accuracy under the attack decides, so it comes first."""
    attack = row["attack"]

    def value(measure: str) -> float | None:
        return attack[measure] and attack[measure]["value"]

    return {
        "under attack": value("under_attack"),
        "accuracy": value("accuracy"),
        "success rate": value("success_rate"),
        "words changed": value("words_changed"),
        "queries": attack["queries"],
    }


def figures(row: dict) -> Figures:
    if "best" in row:
        return _hits_figures(row)
    if "metrics" in row:
        return _classification_figures(row)
    if "kinds" in row:
        return _invariance_figures(row)
    if "consistency" in row:
        return _contrast_figures(row)
    if "attack" in row:
        return _attack_figures(row)
    if "features" in row:
        return _representation_figures(row)
    return _translation_figures(row) if "bleu" in row else _robustness_figures(row)


def read(paths: list[str]) -> list[dict]:
    """The reports, one a seed.

    Raises:
        InputError: a file is not such a report, or was computed on other data than the first.
    """
    reports, compared = [], []
    for path in paths:
        try:
            with open(path, encoding="utf-8") as file:
                report = json.load(file)
            rows = [(row["name"], [*figures(row)]) for row in report["checkpoints"]]
            # What the figures were computed on, and how: whatever of this the command writes.
            keys = ("manifest_sha256", "dictionary_sha256", "files", "sentences", "beam")
            keys += ("length_penalty", "relative_epsilon")
            found = (rows, report["split"], [report.get(key) for key in keys])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path}: not a result of evaluation.hits, classify, invariance, contrast_sets, "
                f"adversarial, representation or *_robustness --json ({error}); make it again"
            ) from error
        compared.append(found)
        if found != compared[0]:
            raise InputError(f"{path}: other checkpoints or data than in {paths[0]}")
        reports.append(report)
    return reports


def summarize(reports: list[dict], against: list[str] | None = None) -> dict[str, dict[str, Cell]]:
    """Row -> column -> figure, over all reports.

    Args:
        reports: of `read`.
        against: rows to compare the others with (default: the first, if there are others and such
            figures are compared).

    Raises:
        InputError: there is no such row, or such figures are not compared.
    """
    # For each checkpoint its figures, seed by seed.
    rows = {
        seeds[0]["name"]: [figures(row) for row in seeds]
        for seeds in zip(*(report["checkpoints"] for report in reports), strict=True)
    }
    first, *_ = rows
    column, *others = rows[first][0]
    if against is None:
        against = [first] if column in COMPARED and len(rows) > 1 else []
    for baseline in against:
        if baseline not in rows:
            raise InputError(f"--against {baseline}: no such row; there are {', '.join(rows)}")
        if column not in COMPARED:
            raise InputError(f"--against {baseline}: '{column}' is not compared; leave it out")
    result = {}
    for name, seeds in rows.items():
        result[name] = {column: _cell([seed[column] for seed in seeds])}
        for baseline in against:
            pairs = zip(seeds, rows[baseline], strict=True)
            result[name][f"against {baseline}"] = (
                _difference([own[column] - base[column] for own, base in pairs])
                if name != baseline
                else Difference([None] * len(seeds), None, None, None)
            )
        result[name] |= {other: _cell([seed[other] for seed in seeds]) for other in others}
    return result


def _cell(values: list[float | None]) -> Cell:
    if None in values:
        return Cell(values, None, None)
    spread = statistics.stdev(values) if len(values) > 1 else None
    return Cell(values, statistics.mean(values), spread)


def _difference(values: list[float]) -> Difference:
    cell = _cell(values)
    testable = len(values) > 2 and cell.spread > 1e-9  # less is rounding
    # The paired test is that of the differences.
    p = float(ttest_1samp(values, 0.0).pvalue) if testable else None
    return Difference(**vars(cell), p=p)


def table(reports: list[dict], against: list[str] | None = None) -> str:
    """One row a checkpoint name: mean ± spread of each figure; with three seeds or more, p."""
    decimals = 3 if "features" in reports[0]["checkpoints"][0] else 1  # cosines, percentages
    lines = []
    for name, cells in summarize(reports, against).items():
        columns, texts = [], [name]
        for column, cell in cells.items():
            columns.append(column)
            texts.append(mean_and_spread(cell, decimals))
            if isinstance(cell, Difference) and len(reports) > 2:
                columns.append("p")
                texts.append("-" if cell.p is None else f"{cell.p:.2g}")
        lines.append(f"| {' | '.join(texts)} |")
    header = f"| | {' | '.join(columns)} |"
    return "\n".join([header, "|---" * (len(columns) + 1) + "|", *lines])


def mean_and_spread(cell: Cell, decimals: int) -> str:
    """For a table of Markdown."""
    if cell.mean is None:
        return "-"
    mean = f"{cell.mean:{'+' if isinstance(cell, Difference) else ''}.{decimals}f}"
    return mean if cell.spread is None else f"{mean} ± {cell.spread:.{decimals}f}"


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    add("reports", nargs="+", metavar="FILE", help="one a seed, of the same checkpoint names")
    add("--against", action="append", metavar="NAME",
        help="baseline to compare with; may be given again (default: the first row)")  # fmt: skip
    add("--json", metavar="FILE", help="write the table's figures here, seed by seed")
    args = parser.parse_args(argv)
    commands.check_outputs(json=args.json)
    reports = read(args.reports)
    print(table(reports, args.against))
    if args.json:
        summary = {
            name: {column: asdict(cell) for column, cell in cells.items()}
            for name, cells in summarize(reports, args.against).items()
        }
        write_report(args.json, "seeds", {"seeds": len(reports), "rows": summary})


if __name__ == "__main__":
    main()
