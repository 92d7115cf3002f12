"""Results over several seeds: mean and spread, from JSON files of one command, one a seed.

    python -m fairseq_cline.evaluation.seeds quickstart/seed*-updates1500/hits.json
    python -m fairseq_cline.evaluation.seeds lm_brown/transformer_lm-u800-seed*/test.json

of `evaluation.hits`, `evaluation.lm_robustness` or `evaluation.translation_robustness`. Writes a
Markdown table. The spread is the standard deviation over the seeds (n - 1); `against` is the mean
of the differences from the first row seed by seed, with their spread.
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


def figures(row: dict) -> Figures:
    if "best" in row:
        return _hits_figures(row)
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
            found = (rows, report["split"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path}: not a result of evaluation.hits or evaluation.*_robustness --json "
                f"({error}); make it again"
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
    difference = f"against {first}"
    compared = columns[0]
    if compared in ("perplexity", "BLEU"):
        for name, seeds in rows.items():
            for own, base in zip(seeds, rows[first], strict=True):
                own[difference] = own[compared] - base[compared] if name != first else None
        columns.insert(1, difference)
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, seeds in rows.items():
        cells = [
            _mean_and_spread([seed[column] for seed in seeds], signed=column == difference)
            for column in columns
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _mean_and_spread(values: list[float | None], signed: bool) -> str:
    if None in values:  # a model without the head, or the row that others are compared with
        return "-"
    mean = f"{statistics.mean(values):{'+' if signed else ''}.1f}"
    return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values):.1f}"


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
