"""Classes of plain text, a line each, with their probabilities: by a fine-tuned classifier.

    python -m fairseq_cline.classify_text checkpoints/mr/checkpoint_best.pt < text.txt > classes.tsv

Line n is the most probable class of line n, a tab, and its probability; with --all the other classes
follow in the same way, the most probable first. A model of pairs reads two texts a line, with a tab
between them. A regression gives its number. MODEL is a checkpoint of --task sentence_prediction or
clld_classification; its tokenizer and the names of the classes (label/dict.txt) lie beside it since
its training, or in the folder of --tokenizer, such as the data-bin.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from data_prep.files.text_input import input_rows
from data_prep.files.whole import write_text
from data_prep.tokenizers.options import add_tokenizer_option
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import open_text_folder
from fairseq_cline.evaluation.classifiers.text_classes import text_classes
from fairseq_cline.evaluation.command_line import add_model, check_model_output, device, parse
from fairseq_cline.pretrained.model_paths import TOKENIZER_BESIDE, find_model


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    add_model(parser)
    add_tokenizer_option(parser, TOKENIZER_BESIDE)
    add = parser.add_argument
    add("--output", metavar="FILE.tsv", help="write the classes here (default: standard output)")
    add(
        "--pairs",
        action="store_true",
        help="each line has two texts (default: as in the training, which an imported model does "
        "not tell)",
    )
    add("--all", action="store_true", help="give all classes, the most probable first")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> None:
    args = parse(_parser(), argv)
    check_model_output(args)
    checkpoint, folder = find_model(args.model, args.tokenizer)
    data = open_text_folder(folder)
    if args.pairs:
        data = replace(data, texts=2)
    if args.all and not data.labels:
        raise InputError(f"--all is for classes, and {folder} has no label/dict.txt; leave it out")
    texts = input_rows(args.input, data.texts)
    classifier = load_classifier(checkpoint, data, device=device(args.cpu), flag="--tokenizer")
    classes, cut = text_classes(classifier, texts, everything=args.all)
    lines = "".join("\t".join(cells) + "\n" for cells in classes)
    if args.output is None:
        sys.stdout.write(lines)
    else:
        write_text(args.output, lines)
    if cut:
        print(f"{cut:,} of {len(texts):,} examples are cut to fit the model", file=sys.stderr)


if __name__ == "__main__":
    main()
