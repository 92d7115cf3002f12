"""The results of a folder as one HTML page, for readers who have not seen the project.

    python -m fairseq_cline.evaluation.report run/results --output report.html

Collects what the commands of fairseq_cline.evaluation wrote with --json. The page begins with
conclusions, drawn from the figures by rules that it states: which model is better than the first of
its table, and whether the seeds show it. Then it has, for each kind of evaluation, what it measures,
tables (mean ± spread of several seeds, ± standard error of a single one), pictures and where the
results come from. It needs no other file and no network, and equal results give an equal page.

Files `titles.tsv` of the folder say what its results are called: lines of name<TAB>title, or of
name<TAB>title<TAB>sentence. The name is that of a JSON file, with `seed*` for all seeds
(`mr-seed*.json`), or `.` for the folder. What else cannot be shown, and what was made with code that
no commit has, is named on the page and by the command.
"""

from collections.abc import Sequence
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from data_prep.files.whole import write_text
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.reports.notes import modified_note
from fairseq_cline.evaluation.reports.sections import build


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    add("folder", type=Path, help="folder with JSON files of evaluations, in it or deeper")
    add("--output", required=True, metavar="FILE.html", help="the page to write")
    add("--title", default="", help="title of the page (default: that of the folder)")
    add("--about", default="", metavar="TEXT",
        help="a paragraph on top, in your own words: what the models are (default: that of the "
        "folder)")  # fmt: skip
    args = commands.parse(parser, argv)
    if not args.folder.is_dir():
        raise InputError(f"{args.folder}: no such folder; give the one with the JSON files")
    commands.check_outputs(args, figures=["output"], read=args.folder.rglob("*.json"))
    built = build(args.folder, args.title, args.about)
    write_text(args.output, built.content)
    for path in sorted(built.left_out):
        print(f"not shown: {path}: {built.left_out[path]}")
    if built.benchmarks:
        print(f"not shown: {len(built.benchmarks)} benchmark(s), which are no evaluations")
    if note := modified_note(built.modified):
        print(note)
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()
