"""CLINE's Tables 4, 5 and 6, from the results of run/cline_tables.sh.

    python -m fairseq_cline.evaluation.cline_tables checkpoints/tables --json tables.json

Writes Markdown: a row for each model, its mean over the seeds ± the standard deviation (n - 1).
The folder has TASK/share-S/seedN with contrast.json of `evaluation.contrast_sets`, and of
`evaluation.adversarial` adversarial.json (--examples) and attack-NAME.json (--attack); S is the
share of the training data, 1 for all of it.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from data_prep.files.command_line import command, command_parser
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.reports.notes import modified_note
from fairseq_cline.evaluation.reports.paper_tables import (
    paper_tables,
    read_tables,
    result_files,
)
from fairseq_cline.evaluation.reports.report_file import write_report


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument("folder", type=Path, help="OUT of run/cline_tables.sh")
    parser.add_argument(
        "--json",
        metavar="FILE",
        help="write all figures here, seed by seed, and the checkpoints that were chosen",
    )
    args = parser.parse_args(argv)
    commands.check_outputs(args, "json", read=result_files(args.folder))
    found = read_tables(args.folder)
    print(paper_tables(found))
    if note := modified_note({path: one.modified[path] for one in found for path in one.modified}):
        print(f"\n{note}")
    report = {"evaluations": [asdict(one) for one in found]}
    commands.write_outputs(args, json=lambda path: write_report(path, "cline_tables", report))


if __name__ == "__main__":
    main()
