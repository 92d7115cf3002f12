"""The closest words of a word, by Euclidean distance of the input embeddings, for several models.

ATCL (Rim et al., 2021), Table 3. Only complete words of the dictionary count as neighbors (the
mask of ATCL). Writes a Markdown table. Example:

    python -m fairseq_cline.evaluation.neighbours baseline=base.pt atcl=atcl.pt \\
        --data data-bin --words friend hate like
"""

from collections.abc import Sequence

from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import whole_number
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.language_models.language_model import load_language_models
from fairseq_cline.evaluation.language_models.nearest_words import nearest_words, table
from fairseq_cline.evaluation.language_models.options import add_language_models, write_lm_report


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add_language_models(parser)
    parser.add_argument("--words", nargs="+", required=True, help="words of the dictionary")
    parser.add_argument(
        "--top", type=whole_number(1), default=4, help="neighbors of each word (default: 4)"
    )
    args = commands.parse(parser, argv)
    commands.check_outputs(args, "json")

    paths = commands.named_models(args.checkpoints)
    models = load_language_models(paths, args.data, verify=not args.skip_verification)
    found = nearest_words(models, args.words, args.top)
    print(table(found))
    checkpoints = [
        {"name": model.name, "sha256": model.sha256, "distances": found[model.name]}
        for model in models
    ]
    report = {"checkpoints": checkpoints}
    commands.write_outputs(
        args, json=lambda path: write_lm_report(path, "neighbours", args.data, report, paths)
    )


if __name__ == "__main__":
    main()
