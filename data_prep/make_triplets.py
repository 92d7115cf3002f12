"""Data-bin of (original, synonym, antonym) triplets, for ``--task cline_pretrain``.

Example, with a tokenizer from ``python -m data_prep.train_sentencepiece``::

    python -m data_prep.make_triplets --train corpus/ --valid valid.txt --destdir data-bin/wiki \\
        --tokenizer spm --workers 2

Blank lines separate documents, as do WikiExtractor's <doc ...> and </doc>. If the first line is a
JSON object, each line must be one, and its "text" is a document with a paragraph a line. A killed run goes on where it stopped when the same command is
given again, also when the text after that place has been repaired; a folder without manifest.json
is not finished.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

from data_prep.english.offensive_words import OFFENSIVE_WORDS
from data_prep.english.word_sets import read_words
from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import MOST_PROCESSES, number, seed, whole_number
from data_prep.files.whole import errors_name
from data_prep.tokenizers.options import add_tokenizer_option
from data_prep.triplets.audit import Row
from data_prep.triplets.databin_maker import (
    SPLITS,
    SURVEY_WORDS,
    Look,
    audit_replacements,
    make_databin,
    preview_triplets,
)
from data_prep.triplets.triplet_maker import TripletOptions


def parse_shard(text: str) -> tuple[int, int]:
    """The numbers of ``i/n`` with 0 <= i < n."""
    number, slash, shards = text.partition("/")
    if not (slash and number.isdigit() and shards.isdigit() and int(number) < int(shards)):
        raise argparse.ArgumentTypeError(f"{text!r} is not i/n with 0 <= i < n, for example 0/8")
    return int(number), int(shards)


def build_parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    text = parser.add_argument_group(
        "text (UTF-8; files, folders, .gz files, - for standard input: plain text, articles of "
        "WikiExtractor, or a JSON object with a text on each line)"
    )
    for split in SPLITS:
        text.add_argument(
            f"--{split}", nargs="+", default=[], metavar="PATH", help=f"text of the split {split}"
        )
    text.add_argument(
        "--shard",
        type=parse_shard,
        default=(0, 1),
        metavar="I/N",
        help="make only part I of N of the training text, for job arrays; validation and test text "
        "go into part 0, which must come first in fairseq's shard0:shard1 (default: 0/1)",
    )
    out = parser.add_argument_group("result")
    out.add_argument("--destdir", type=Path, help="the data-bin to make; it must not exist yet")
    out.add_argument(
        "--show",
        type=whole_number(1),
        default=0,
        metavar="N",
        help="print the first N triplets; without --destdir nothing is written (default: 0)",
    )
    out.add_argument(
        "--audit",
        type=whole_number(1),
        default=0,
        metavar="N",
        help="print N replacements from all over the text, as many of each kind, in context and with "
        "the reason, as a table for your verdicts (tab-separated); nothing is written (default: 0)",
    )
    add_tokenizer_option(parser, "that of the encoder", required=True)
    triplets = parser.add_argument_group("triplets")
    triplets.add_argument(
        "--tokens-per-sample",
        type=whole_number(1),
        default=512,
        metavar="T",
        help="longest block in sub-words, <s> and </s> included (default, as in the paper: 512)",
    )
    triplets.add_argument(
        "--sample-break-mode",
        choices=("complete", "complete_doc", "eos"),
        default="complete_doc",
        help="a block is filled with whole sentences (complete), ends with its document "
        "(complete_doc), or is one line (eos) (default: complete_doc)",
    )
    triplets.add_argument(
        "--one-word",
        action="store_true",
        help="replace one word of each line, by a WordNet synonym and by an antonym, the same word "
        "if it has both (CLINE, section 4.6: test data for Hits); lines without both are left out; "
        "with --sample-break-mode eos",
    )
    triplets.add_argument(
        "--tagger",
        choices=("spacy", "lexicon"),
        default="spacy",
        help="spacy tags each sentence; lexicon tags words by their neighbors as a sample that spaCy "
        "has tagged, several times faster, 93 to 97%% of its tags (default: spacy)",
    )
    triplets.add_argument(
        "--survey-words",
        type=whole_number(1),
        default=SURVEY_WORDS,
        metavar="W",
        help=f"size of the spaCy-tagged sample in words (default: {SURVEY_WORDS})",
    )
    triplets.add_argument(
        "--antonyms-only",
        action="store_true",
        help="no random words in the antonym version: harder to tell from the original, and fewer "
        "words than the paper's fifth; triplets without an antonym are left out",
    )
    triplets.add_argument(
        "--negations",
        type=number(0, 1),
        default=0.0,
        metavar="SHARE",
        help="share of triplets that are one sentence, negated or no longer negated in the antonym "
        "version (is > is not), with a predicate turned round in the synonym version where it has "
        "one (is fat > is not thin); in no paper (default: 0)",
    )
    triplets.add_argument(
        "--avoid",
        type=Path,
        metavar="FILE",
        help="words that never stand for another one, one a line (default: a short list of insults, "
        "data_prep/english/offensive_words.py; an empty file avoids none)",
    )
    triplets.add_argument("--seed", type=seed, default=1, help="seed of the choices (default: 1)")
    parser.add_argument(
        "--workers",
        type=whole_number(1, MOST_PROCESSES),
        default=1,
        metavar="N",
        help="processes; the result does not depend on it (default: 1)",
    )
    return parser


@command
def main(argv: Sequence[str] | None = None) -> None:
    arguments = build_parser().parse_args(argv)
    if not arguments.destdir and not arguments.show and not arguments.audit:
        raise InputError("nothing to do: give --destdir, or --show N or --audit N to look only")
    options = {
        "texts": {split: getattr(arguments, split) for split in SPLITS},
        "tokenizer": arguments.tokenizer,
        "options": TripletOptions(
            arguments.seed,
            arguments.tokens_per_sample,
            arguments.sample_break_mode,
            arguments.one_word,
            avoid=read_words(arguments.avoid) if arguments.avoid else OFFENSIVE_WORDS,
            antonyms_only=arguments.antonyms_only,
            negations=arguments.negations,
        ),
        "tagger": arguments.tagger,
        "survey_words": arguments.survey_words,
        "shard": arguments.shard,
    }
    if arguments.audit:
        if arguments.destdir or arguments.show:
            raise InputError("--audit prints a table alone: leave out --destdir and --show")
        with redirect_stdout(sys.stderr):
            rows = audit_replacements(Look(**options), arguments.audit)
        for row in (Row._fields, *rows):
            print("\t".join(row))
    elif arguments.destdir:
        with errors_name(arguments.destdir):
            make_databin(
                destdir=arguments.destdir,
                workers=arguments.workers,
                show=arguments.show,
                **options,
            )
        print(f"wrote {arguments.destdir}")
    else:
        preview_triplets(Look(**options), arguments.show)


if __name__ == "__main__":
    main()
