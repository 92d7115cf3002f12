"""Do sentence vectors say what people say: what is similar, and what means the opposite?

    python -m fairseq_cline.evaluation.similarity before=encoder after=cline/checkpoint_best.pt \\
        --sts STS-B=sts/test.csv --opposites opposites.tsv --json similarity.json --plot s.png

MODEL is a checkpoint of any RoBERTa-like model, or a folder with a model.pt; its tokenizer is what
lies beside it. Sentences are compared by the cosine of [CLS] and by that of the mean of all tokens.

--sts takes pairs with a score: STS-B (CSV of text, text, score; a table of GLUE; the original
columns), SICK-R, or a folder of SentEval (STS.input.NAME.txt, STS.gs.NAME.txt; the parts are shown
too). --opposites takes lines of sentence<TAB>same<TAB>opposite, JSON lines {"input": TEXT,
"sentences": [TEXT, TEXT, ...], "label": number of the same from 0}, or sentence<TAB>negated.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from data_prep.tokenizers.options import add_tokenizer_option
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.encoders.opposites_files import read_opposites
from fairseq_cline.evaluation.encoders.sts_files import read_scored_pairs
from fairseq_cline.evaluation.encoders.text_similarity import (
    SimilaritySets,
    measure_similarity,
    table,
)
from fairseq_cline.evaluation.reports.report_file import draw_report, write_report
from fairseq_cline.pretrained.model_paths import (
    TOKENIZER_BESIDE,
    find_model,
)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    commands.add_checkpoints(parser, "RoBERTa-like models of any task")
    add(
        "--sts",
        nargs="+",
        default=[],
        metavar="[NAME=]FILE",
        help="scored pairs, or folders of them",
    )
    add("--opposites", nargs="+", default=[], metavar="[NAME=]FILE", help="opposites, or negations")
    add_tokenizer_option(parser, TOKENIZER_BESIDE)
    add("--plot", metavar="FILE.png", help="draw every set as bars, a panel for each measure")
    return parser


def _named(args: argparse.Namespace, flag: str) -> dict[str, str]:
    """The files or folders of an option, by their names."""
    try:
        return commands.named_paths(getattr(args, flag), "files")
    except InputError as error:
        raise InputError(f"--{flag}: {error}") from error


@command
def main(argv: Sequence[str] | None = None) -> None:
    args = commands.parse(_parser(), argv)
    sts, opposites = _named(args, "sts"), _named(args, "opposites")
    if not sts and not opposites:
        raise InputError("there is nothing to compare models on; give --sts, --opposites, or both")
    folders = filter(Path.is_dir, map(Path, sts.values()))
    models = commands.named_models(args.checkpoints)
    read = [path for folder in folders for path in folder.iterdir()]
    read += map(Path, models.values())
    commands.check_outputs(args, "json", figures=["plot"], read=read)
    for path in models.values():
        find_model(path, args.tokenizer)
    sets = SimilaritySets(
        sts={name: read_scored_pairs(path) for name, path in sts.items()},
        opposites={name: read_opposites(path) for name, path in opposites.items()},
    )
    results = [
        measure_similarity(
            path, sets, name=name, tokenizer=args.tokenizer, device=commands.device(args.cpu)
        )
        for name, path in models.items()
    ]
    print(table(results, sets))
    report = {
        "split": sets.describe(),
        "checkpoints": [asdict(result) for result in results],
    }
    commands.write_outputs(
        args,
        json=lambda path: write_report(path, "similarity", report, models),
        plot=lambda path: draw_report(path, "similarity", report),
    )


if __name__ == "__main__":
    main()
