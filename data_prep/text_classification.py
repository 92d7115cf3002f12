"""Data-bin of labeled text, yours or a published set, for ``--task sentence_prediction``.

Examples: your text, with the tokenizer that the encoder was pre-trained with;
your text in words, for an encoder that starts from nothing; a published data set::

    python -m data_prep.text_classification --train train.tsv --test test.tsv \\
        --tokenizer spm --destdir data-bin/mine

    python -m data_prep.text_classification --train train.tsv --test test.tsv --words \\
        --destdir data-bin/mine-words

    python -m data_prep.text_classification --dataset trec --words --destdir data-bin/trec

A file has an example a line: ``label<TAB>text``, or ``label<TAB>text<TAB>second text``, UTF-8 with or
without a byte order mark. Names of columns on top, and a label that comes last, are told and refused.
The result:

    input0/, input1/   the texts in sub-words or words (input1 for pairs), with their dict.txt
    label/             the labels; its dict.txt has the names of train, sorted
                       (--regression: numbers, a line each, in {split}.label)
    raw/{split}.tsv    the examples as text
    dict.txt, and spm.model, or encoder.json and vocab.bpe, or tokenizer.json, or words.json: the
                       tokenizer, so that other text can be encoded with --tokenizer data-bin/mine

Published data sets are downloaded and checked by their SHA-256, or read from your own copy
(--raw-dir) in the official format; their labels keep their names. mr, r8, r52 and perspectrum, of
which no SHA-256 is published, are read from your copy only. The number of examples of each split is
printed beside the published one.

Where there is no validation split, a share of the training examples, drawn at random, becomes it;
of each class one example at least stays in the training split.
A dictionary of words is made of the training examples that are left.

Nothing is cut here. An example that is longer than an encoder of --max-positions 512 reads is
counted: with ``--shorten-method truncate`` fairseq-train cuts its end off, of a pair first that of the
longer text, and says how many are cut; without, it leaves the example out of training with a warning,
and ends with an error when it is in the validation split.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from data_prep.classification.datasets.published import build_published
from data_prep.classification.datasets.registry import DATASETS
from data_prep.classification.examples import read_labeled_text
from data_prep.classification.labeled_databin import Options, build_databin, describe
from data_prep.classification.options import add_options, chosen_options
from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument("--dataset", choices=DATASETS, help="a published one")
    own = parser.add_argument_group("your own text, instead of --dataset")
    own.add_argument(
        "--train", type=Path, metavar="FILE", help="lines of label<TAB>text[<TAB>text]"
    )
    own.add_argument(
        "--valid", type=Path, metavar="FILE", help="the same (default: drawn from --train)"
    )
    own.add_argument(
        "--test",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="test sets; they become test, test1, test2, ...",
    )
    own.add_argument(
        "--regression", action="store_true", help="labels are numbers, not names of classes"
    )
    add_options(parser)
    return parser


def _build(arguments: argparse.Namespace, options: Options) -> str:
    """Makes the data-bin, and says what it holds."""
    texts = {"train": arguments.train, "valid": arguments.valid}
    texts |= {f"test{k or ''}": path for k, path in enumerate(arguments.test)}
    given = {split: path for split, path in texts.items() if path}
    if arguments.dataset:
        if given or arguments.regression:
            raise InputError("--dataset has its own splits; leave out the options of your own text")
        return build_published(
            DATASETS[arguments.dataset],
            raw_dir=arguments.raw_dir,
            destdir=arguments.destdir,
            options=options,
        )
    if not arguments.train:
        raise InputError("no text; give --train, or --dataset")
    if arguments.raw_dir:
        raise InputError("--raw-dir is the folder of a published data set; give --dataset too")
    splits = {split: read_labeled_text(path) for split, path in given.items()}
    return describe(build_databin(splits, arguments.destdir, options), options)


@command
def main(argv: Sequence[str] | None = None) -> None:
    arguments = _parser().parse_args(argv)
    print(_build(arguments, chosen_options(arguments, arguments.regression)))


if __name__ == "__main__":
    main()
