"""Data-bin of your translated text, for fairseq's translation tasks.

Example::

    python -m data_prep.parallel_text --source-lang en --target-lang de \\
        --train raw/train --valid raw/val --test raw/test_2016_flickr \\
        --vocab-size 8000 --joined-dictionary --destdir data-bin/multi30k

raw/train.en and raw/train.de are UTF-8 text; line k of one is the translation of line k of the
other. Both are cut into pieces by SentencePiece models trained on them: BPE, as in the ATCL paper,
with SentencePiece's own normalization (nmt_nfkc) and every character of the training text in the
vocabulary, as in fairseq's recipes. There is no byte fallback: a character that is new later is
<unk>.

The data-bin has the files of fairseq-preprocess on these pieces, and trains both directions.
--remove-bpe sentencepiece gives text again. Beside them:

    spm.model         shared (--joined-dictionary), or spm.en.model and spm.de.model
    raw/test.de ...   validation and test text before SentencePiece, runs of white space made one
                      space: the references for sacreBLEU
    antonyms.en.txt   when a language is "en" (data_prep.antonyms)

Training pairs with an empty side are left out and counted; other splits keep every line.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import seed, whole_number
from data_prep.files.whole import DESTDIR_HELP
from data_prep.translation.pair_databin import build_databin, describe
from data_prep.translation.pieces import SAMPLE


def _language(name: str) -> str:
    """The name of a language, which becomes part of the names of files."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise argparse.ArgumentTypeError(f"{name!r:.40} must be letters, digits, - and _")
    return name


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    for which in ("source", "target"):
        parser.add_argument(
            f"--{which}-lang",
            type=_language,
            required=True,
            metavar="LANG",
            help=f"{which} language, the ending of its files; en brings antonyms",
        )
    for split in ("train", "valid"):
        parser.add_argument(
            f"--{split}",
            type=Path,
            required=True,
            metavar="PREFIX",
            help="its two files without .LANG",
        )
    parser.add_argument(
        "--test",
        type=Path,
        nargs="+",
        default=[],
        metavar="PREFIX",
        help="test sets; they become test, test1, test2, ...",
    )
    parser.add_argument("--destdir", type=Path, required=True, help=DESTDIR_HELP)
    parser.add_argument(
        "--vocab-size",
        type=whole_number(1),
        default=10_000,
        metavar="N",
        help="pieces of the joined model, or of each (default: 10000, ATCL's for en-de). Pieces "
        "that the training text does not use once all merges are done are not in the dictionary",
    )
    parser.add_argument(
        "--joined-dictionary",
        action="store_true",
        help="one model and dictionary for both languages, which --share-all-embeddings needs",
    )
    parser.add_argument(
        "--seed",
        type=seed,
        default=1,
        help=f"decides which {SAMPLE:,} lines SentencePiece learns from when there are more "
        "(default: 1)",
    )
    arguments = parser.parse_args(argv)
    texts = {"train": arguments.train, "valid": arguments.valid}
    texts |= {f"test{k or ''}": prefix for k, prefix in enumerate(arguments.test)}
    summary = build_databin(
        (arguments.source_lang, arguments.target_lang),
        texts,
        arguments.destdir,
        vocabulary=arguments.vocab_size,
        joined=arguments.joined_dictionary,
        seed=arguments.seed,
    )
    print(describe(summary))


if __name__ == "__main__":
    main()
