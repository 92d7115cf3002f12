"""Results over several seeds: mean and spread, from JSON files of one command, one a seed.

    python -m fairseq_cline.evaluation.seeds from_scratch/seed*-updates1500/hits.json
    python -m fairseq_cline.evaluation.seeds lm_brown/transformer_lm-u800-seed*/test.json
    python -m fairseq_cline.evaluation.seeds clld/mr/text_cnn/seed*/test.json \\
        --against plain --against twin --json mr.json

The files are of `evaluation.hits`, `lm_robustness`, `translation_robustness`, `classify`,
`invariance`, `contrast_sets`, `adversarial` or `representation`. Writes a Markdown table. The
spread is the standard deviation over the seeds (n - 1); `against` is the mean of the differences
from a baseline seed by seed, with their spread, and *p* that of a paired t-test: how often seeds
alone would give such a mean. The test needs three seeds; it says nothing about the error that comes
from a small test set. Two files with the same result, or of the same checkpoints, are refused: one
seed would count twice.
"""

from collections.abc import Sequence
from dataclasses import asdict

from data_prep.files.command_line import command, command_parser
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.reports.notes import modified_note
from fairseq_cline.evaluation.reports.provenance import modified_files
from fairseq_cline.evaluation.reports.report_file import write_report
from fairseq_cline.evaluation.reports.result_files import read_results
from fairseq_cline.evaluation.reports.statistics import seeds_table, summarize


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    add("reports", nargs="+", metavar="FILE", help="one a seed, of the same checkpoint names")
    add("--against", action="append", metavar="NAME",
        help="baseline to compare with; may be given again (default: the first row)")  # fmt: skip
    add("--json", metavar="FILE", help="write the table's figures here, seed by seed")
    args = parser.parse_args(argv)
    commands.check_outputs(args, "json")
    results = read_results(args.reports)
    summary = summarize(results, args.against)
    print(seeds_table(summary, len(results.reports), results.kind.decimals))
    if note := modified_note(modified_files(dict(zip(args.reports, results.reports, strict=True)))):
        print(f"\n{note}")
    rows = {
        name: {column: asdict(cell) for column, cell in cells.items()}
        for name, cells in summary.items()
    }
    report = {"of": results.reports[0]["kind"], "seeds": len(results.reports), "rows": rows}
    commands.write_outputs(args, json=lambda path: write_report(path, "seeds", report))


if __name__ == "__main__":
    main()
