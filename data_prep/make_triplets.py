"""Build a data-bin of (original, synonym, antonym) triplets for ``--task cline_pretrain``.

Example, with a tokenizer from ``python -m data_prep.train_sentencepiece``::

    python -m data_prep.make_triplets --train corpus/ --valid valid.txt --destdir data-bin/wiki \\
        --sentencepiece-model spm/spm.model --dict spm/dict.txt --workers 2

Blank lines separate documents. A killed run goes on where it stopped when the same command is
given again; a folder without manifest.json is not finished.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from data_prep.english.resources import MODEL_VERSION
from data_prep.errors import InputError, ResourceError
from data_prep.files.checksums import file_sha256
from data_prep.files.text_units import STDIN, Corpus, input_files
from data_prep.files.workers import Workers
from data_prep.tokenizers.options import add_tokenizer_options, tokenizer_files
from data_prep.tokenizers.subwords import SubwordEncoder, load_encoder
from data_prep.triplets.databin_writer import LEXICON, DatabinWriter
from data_prep.triplets.generation import (
    Setup,
    build_maker,
    learn_lexicon,
    show_triplets,
    write_split,
)
from data_prep.triplets.summary import ratios
from data_prep.triplets.triplet_maker import TripletOptions

SPLITS = ("train", "valid", "test")


PACKAGES = ("lemminflect", "nltk", "sentencepiece", "spacy")
GENERATOR = 1  # raised by every change of this package that changes the triplets


def settings(arguments: argparse.Namespace, encoder: SubwordEncoder) -> dict[str, Any]:
    """What decides the content of the data-bin, besides the text."""
    names = ("tokens_per_sample", "sample_break_mode", "one_word", "tagger", "survey_words", "seed")
    return {
        **{name: getattr(arguments, name) for name in names},
        "shard": "{}/{}".format(*arguments.shard),
        "tokenizer": {"type": encoder.kind, "sha256": encoder.sha256},
        "dict_sha256": file_sha256(Path(arguments.dict)),
        "generator": GENERATOR,
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "spacy_model": MODEL_VERSION,
    }


def inputs(arguments: argparse.Namespace) -> dict[str, list]:
    """Names and sizes of the files of each split."""
    return {
        split: [
            [name, None if name == STDIN else Path(name).stat().st_size]
            for name in input_files(getattr(arguments, split))
        ]
        for split in SPLITS
    }


def parse_shard(text: str) -> tuple[int, int]:
    """``i/n`` with 0 <= i < n."""
    number, slash, shards = text.partition("/")
    if not (slash and number.isdigit() and shards.isdigit() and int(number) < int(shards)):
        raise argparse.ArgumentTypeError(f"{text!r} is not i/n with 0 <= i < n, for example 0/8")
    return int(number), int(shards)


def positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make_triplets",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    text = parser.add_argument_group(
        "text (UTF-8; files, folders, .gz files, - for standard input)"
    )
    for split in SPLITS:
        text.add_argument(f"--{split}", nargs="+", default=[], metavar="PATH")
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
        type=positive,
        default=0,
        metavar="N",
        help="print the first N triplets; without --destdir nothing is written",
    )
    add_tokenizer_options(parser)
    triplets = parser.add_argument_group("triplets")
    triplets.add_argument(
        "--tokens-per-sample",
        type=positive,
        default=512,
        metavar="T",
        help="longest block in sub-words, <s> and </s> included (paper: 512)",
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
        help="spacy tags each sentence; lexicon looks up each word's most frequent tag in a "
        "spaCy-tagged sample, several times faster (default: spacy)",
    )
    triplets.add_argument(
        "--survey-words",
        type=positive,
        default=200_000,
        metavar="W",
        help="size of the spaCy-tagged sample in words (default: 200000)",
    )
    triplets.add_argument("--seed", type=int, default=1, help="of the random choices (default: 1)")
    parser.add_argument(
        "--workers",
        type=positive,
        default=1,
        metavar="N",
        help="processes; the result does not depend on it (default: 1)",
    )
    return parser


def check(arguments: argparse.Namespace) -> list[str]:
    """The splits to make in this call.

    Raises:
        InputError: options that do not fit together.
    """
    texts = {split: getattr(arguments, split) for split in SPLITS}
    if sum(names.count(STDIN) for names in texts.values()) > 1:
        raise InputError("standard input (-) can be given only once")
    # Validation and test text belong to the first shard: fairseq reads them from there.
    first = arguments.shard[0] == 0
    given = [split for split, names in texts.items() if names and (first or split == "train")]
    if not given:
        raise InputError("no text: give --train, or --valid or --test in the first shard")
    if not arguments.destdir and not arguments.show:
        raise InputError("nothing to do: give --destdir, or --show N to look at triplets only")
    if arguments.tokens_per_sample < 8:
        raise InputError("--tokens-per-sample must be at least 8")
    if arguments.one_word and arguments.sample_break_mode != "eos":
        raise InputError("--one-word makes a triplet of each line: give --sample-break-mode eos")
    return given


def run(arguments: argparse.Namespace) -> None:
    splits = check(arguments)
    options = TripletOptions(
        arguments.seed,
        arguments.tokens_per_sample,
        arguments.sample_break_mode,
        arguments.one_word,
    )
    tokenizer = tokenizer_files(arguments)
    encoder = load_encoder(tokenizer)
    corpora = {split: Corpus(getattr(arguments, split)) for split in splits}
    for corpus in corpora.values():
        corpus.beginning()
    first = corpora[splits[0]]
    learn = partial(learn_lexicon, first, arguments.survey_words)
    if not arguments.destdir:
        with tempfile.TemporaryDirectory() as folder:
            lexicon = Path(folder) / LEXICON
            learn(lexicon)
            setup = Setup(arguments.tagger, tokenizer, lexicon, options)
            show_triplets(setup, splits[0], first, arguments.show)
        return
    decided = settings(arguments, encoder)
    writer = DatabinWriter(arguments.destdir, {**decided, "inputs": inputs(arguments)})
    setup = Setup(arguments.tagger, tokenizer, writer.lexicon(learn), options)
    if arguments.show:
        show_triplets(setup, splits[0], first, arguments.show)
    build_maker(setup)  # before the workers begin, so that they share it
    with Workers(arguments.workers) as workers:
        for split, corpus in corpora.items():
            shard = arguments.shard if split == "train" else (0, 1)
            write_split(writer, setup, split, corpus, shard, workers)
    counts = {split: writer.stats(split) for split in splits}
    replaced = {s: {**stats, "replaced": ratios(stats)} for s, stats in counts.items()}
    writer.finish(encoder, {**decided, "splits": replaced})
    print(f"wrote {arguments.destdir}")


def main(argv: Sequence[str] | None = None) -> None:
    parser = build_parser()
    arguments = parser.parse_args(argv)
    try:
        run(arguments)
    except (InputError, ResourceError, OSError) as error:
        parser.exit(1, f"make_triplets: error: {error}\n")


if __name__ == "__main__":
    main()
