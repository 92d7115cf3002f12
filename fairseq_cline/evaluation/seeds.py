"""Results over several seeds: mean and spread, from JSON files of one command, one a seed.

    python -m fairseq_cline.evaluation.seeds quickstart/seed*-updates1500/hits.json
    python -m fairseq_cline.evaluation.seeds lm_brown/transformer_lm-u800-seed*/test.json

of `evaluation.hits`, `lm_robustness`, `translation_robustness`, `classify`, `invariance` or
`representation`. Writes a Markdown table. The spread is the standard deviation over the seeds
(n - 1); `against` is the mean of the differences from the first row seed by seed, with their
spread.
"""

import argparse
import json
import statistics

from fairseq_cline.errors import InputError

Figures = dict[str, float | None]


def _hits_figures(row: dict) -> Figures:
    return {
        "Hits [CLS]": row["best"]["cls"]["hits"],
        "Hits mean": row["best"]["mean"]["hits"],
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


def figures(row: dict) -> Figures:
    if "best" in row:
        return _hits_figures(row)
    if "metrics" in row:
        return _classification_figures(row)
    if "kinds" in row:
        return _invariance_figures(row)
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
                f"{path}: not a result of evaluation.hits, classify, invariance, "
                f"representation or *_robustness --json ({error}); make it again"
            ) from error
        compared.append(found)
        if found != compared[0]:
            raise InputError(f"{path}: other checkpoints or data than in {paths[0]}")
        reports.append(report)
    return reports


def table(reports: list[dict]) -> str:
    """One row a checkpoint name: mean ± spread of each figure over the reports."""
    # For each checkpoint its figures, seed by seed.
    rows = {
        seeds[0]["name"]: [figures(row) for row in seeds]
        for seeds in zip(*(report["checkpoints"] for report in reports), strict=True)
    }
    first, *_ = rows
    columns = list(rows[first][0])
    decimals = 3 if "features" in reports[0]["checkpoints"][0] else 1  # cosines, percentages
    difference = f"against {first}"
    compared = columns[0]
    if compared in ("perplexity", "BLEU", "accuracy", "Pearson"):
        for name, seeds in rows.items():
            for own, base in zip(seeds, rows[first], strict=True):
                own[difference] = own[compared] - base[compared] if name != first else None
        columns.insert(1, difference)
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, seeds in rows.items():
        cells = [
            _mean_and_spread([seed[column] for seed in seeds], decimals, column == difference)
            for column in columns
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _mean_and_spread(values: list[float | None], decimals: int, signed: bool) -> str:
    if None in values:  # a model without this part, or the row that others are compared with
        return "-"
    mean = f"{statistics.mean(values):{'+' if signed else ''}.{decimals}f}"
    return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values):.{decimals}f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m fairseq_cline.evaluation.seeds",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("json", nargs="+", help="one file a seed, of the same checkpoint names")
    print(table(read(parser.parse_args().json)))


if __name__ == "__main__":
    main()
