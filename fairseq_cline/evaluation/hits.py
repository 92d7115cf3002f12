"""Hits: is a sentence closer to its synonym version than to its antonym version?

CLINE, section 4.6 and Table 7. Example, with a data-bin of `python -m data_prep.make_triplets`:

    python -m fairseq_cline.evaluation.hits before=roberta.pt after=checkpoints/checkpoint_best.pt \\
        --data data-bin --split test --json hits.json --plot hits.png

Closer by the cosine of [CLS], by that of the mean of all tokens, or by BERTScore. The triplets of
that section, which differ in one word, are made of any text:

    python -m fairseq_cline.evaluation.hits roberta.pt --text mr.txt --one-word \\
        --tokenizer data-bin
"""

import argparse
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import seed, whole_number
from data_prep.tokenizers.options import add_tokenizer_option
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.encoders import text_triplets
from fairseq_cline.evaluation.encoders.checkpoint_hits import checkpoint_hits, table, warning_of_few
from fairseq_cline.evaluation.encoders.pretrained_encoders import open_databin
from fairseq_cline.evaluation.reports.columns import HITS_MEASURES
from fairseq_cline.evaluation.reports.report_file import draw_report, write_report


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    commands.add_checkpoints(parser, "RoBERTa-like models of any task")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", metavar="DATABIN", help="data-bin of data_prep.make_triplets")
    source.add_argument(
        "--text", nargs="+", metavar="FILE", help="plain text, a sentence a line (- for stdin)"
    )
    commands.add_skip_verification(parser)
    add("--split", default="test", help="split of the data-bin: valid, test (default: test)")
    add(
        "--max-tokens", type=whole_number(1), default=8192, help="tokens in a batch (default: 8192)"
    )
    add("--plot", metavar="FILE.png", help="draw Hits against the layer")
    text = parser.add_argument_group("for --text, which needs the tokenizer of the checkpoints too")
    text.add_argument(
        "--one-word",
        action="store_true",
        help="replace one word of a sentence, by a synonym and by an antonym (CLINE, section 4.6); "
        "sentences without both are left out",
    )
    text.add_argument("--seed", type=seed, default=1, help="seed of the replacements (default: 1)")
    add_tokenizer_option(text, "that of the checkpoints")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> None:
    args = commands.parse(_parser(), argv)
    commands.check_outputs(args, "json", figures=["plot"])
    if args.one_word and not args.text:
        raise InputError("--one-word is for --text; give it to data_prep.make_triplets instead")
    if bool(args.text) != bool(args.tokenizer):
        raise InputError(
            "--text and --tokenizer FOLDER need each other; give both, or --data alone"
        )
    checkpoints = commands.named_models(args.checkpoints)
    device = commands.device(args.cpu)
    with tempfile.TemporaryDirectory() as folder:
        if args.text:
            args.split = text_triplets.SPLIT
            source = {"text_sha256": text_triplets.text_sha256(args.text)}
            databin = text_triplets.text_databin(
                args.text,
                os.path.join(folder, "data-bin"),
                tokenizer=args.tokenizer,
                one_word=args.one_word,
                seed=args.seed,
            )
        else:
            databin = open_databin(args.data, verify=not args.skip_verification)
            source = {"manifest_sha256": file_sha256(databin.path("manifest.json"))}
        results = [
            checkpoint_hits(
                path, databin, args.split, name=name, max_tokens=args.max_tokens, device=device
            )
            for name, path in checkpoints.items()
        ]
    print(f"Hits (%) ± standard error, n = {results[0].triplets:,} triplets; * best layer\n")
    print(table(results))
    if warning := warning_of_few(results[0].triplets):
        print(f"\n{warning}")
    report = {
        **source,
        "split": databin.manifest["splits"][args.split],
        "checkpoints": [
            asdict(result) | {"best": {measure: result.best(measure) for measure in HITS_MEASURES}}
            for result in results
        ],
    }
    commands.write_outputs(
        args,
        json=lambda path: write_report(path, "hits", report, checkpoints),
        plot=lambda path: draw_report(path, "hits", report),
    )


if __name__ == "__main__":
    main()
