"""The results of a folder as one HTML page, for readers who have not seen the project.

    python -m fairseq_cline.evaluation.report run/results --output report.html

Collects what the commands of fairseq_cline.evaluation wrote with --json. The page has, for each
kind of evaluation, what it measures, tables (mean ± spread of several seeds, ± standard error of a
single one), figures and where the results come from. It needs no other file and no network, and
equal results give an equal page. JSON files that are no results, or damaged, are named on it and by
the command.
"""

from collections.abc import Sequence
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from data_prep.files.whole import write_text
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.reports.sections import build


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    add("folder", type=Path, help="folder with JSON files of evaluations, in it or deeper")
    add("--output", required=True, metavar="FILE.html", help="the page to write")
    add("--title", default="Evaluation report", help="title of the page (default: %(default)s)")
    add("--about", default="", metavar="TEXT",
        help="a paragraph on top, in your own words: what the models are")  # fmt: skip
    args = parser.parse_args(argv)
    if not args.folder.is_dir():
        raise InputError(f"{args.folder}: no such folder; give the one with the JSON files")
    commands.check_outputs(args, figures=["output"], read=args.folder.rglob("*.json"))
    content, left_out = build(args.folder, args.title, args.about)
    write_text(args.output, content)
    for path in sorted(left_out):
        print(f"not shown: {path}: {left_out[path]}")
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()
