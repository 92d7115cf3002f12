"""SentencePiece model with its fairseq dictionary, for ``make_triplets``.

Example::

    python -m data_prep.train_sentencepiece corpus/ --destdir spm

Text is not normalized and unknown characters become bytes, so that decoding gives back the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import seed, whole_number
from data_prep.files.text_units import input_files
from data_prep.files.whole import DESTDIR_HELP
from data_prep.tokenizers.sentencepiece_training import DICT, MODEL, train


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument(
        "text",
        nargs="+",
        help="UTF-8 files, folders, .gz files, - for standard input: plain text, articles of "
        "WikiExtractor, or a JSON object with a text on each line",
    )
    parser.add_argument(
        "--destdir", type=Path, required=True, help=f"{DESTDIR_HELP}; gets {MODEL} and {DICT}"
    )
    parser.add_argument(
        "--vocab-size",
        type=whole_number(1),
        default=16_000,
        metavar="V",
        help="number of pieces, at most: a small text has fewer (default: 16000)",
    )
    parser.add_argument(
        "--limit",
        type=whole_number(101),  # SentencePiece takes no fewer
        default=1_000_000,
        metavar="N",
        help="train on at most N lines drawn at random, above 100 (default: 1000000)",
    )
    parser.add_argument("--seed", type=seed, default=1, help="seed of that draw (default: 1)")
    arguments = parser.parse_args(argv)
    pieces = train(
        input_files(arguments.text),
        arguments.destdir,
        vocabulary=arguments.vocab_size,
        sample=arguments.limit,
        seed=arguments.seed,
    )
    if pieces < arguments.vocab_size:
        print(f"{pieces:,} pieces: the text has no more")
    print(f"wrote {arguments.destdir / MODEL} and {arguments.destdir / DICT}")


if __name__ == "__main__":
    main()
