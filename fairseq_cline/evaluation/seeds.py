"""Hits over several seeds: mean and spread, from the JSON files of `evaluation.hits`.

    python -m fairseq_cline.evaluation.seeds quickstart/seed*-updates1500/hits.json

Writes a Markdown table. The spread is the standard deviation over the seeds (n - 1).
"""

import argparse
import json
import statistics
from collections.abc import Callable

from fairseq_cline.errors import InputError

COLUMNS: dict[str, Callable[[dict], float | None]] = {
    "Hits [CLS]": lambda row: row["best"]["cls"]["hits"],
    "Hits mean": lambda row: row["best"]["mean"]["hits"],
    "contrastive accuracy": lambda row: row["contrastive_accuracy"],
    "RTD F1": lambda row: row["rtd"]["f1"] if row["rtd"] else None,
}


def read(paths: list[str]) -> list[dict]:
    """The results of `evaluation.hits --json`, one a seed.

    Raises:
        InputError: a file is not such a result, or was computed on other data than the first.
    """
    reports, compared = [], []
    for path in paths:
        try:
            with open(path, encoding="utf-8") as file:
                report = json.load(file)
            found = ([row["name"] for row in report["checkpoints"]], report["split"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path}: not a result of evaluation.hits --json ({error}); make it again"
            ) from error
        compared.append(found)
        if found != compared[0]:
            raise InputError(f"{path}: other checkpoints or triplets than in {paths[0]}")
        reports.append(report)
    return reports


def table(reports: list[dict]) -> str:
    """One row a checkpoint name: mean ± spread of each figure over the reports."""
    lines = ["| | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for rows in zip(*(report["checkpoints"] for report in reports), strict=True):
        cells = [_mean_and_spread([figure(row) for row in rows]) for figure in COLUMNS.values()]
        lines.append(f"| {rows[0]['name']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _mean_and_spread(values: list[float | None]) -> str:
    if None in values:  # a model without the head
        return "-"
    if len(values) == 1:
        return f"{values[0]:.1f}"
    return f"{statistics.mean(values):.1f} ± {statistics.stdev(values):.1f}"


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
