"""Data-bin of your tokenized text, for fairseq's language modeling tasks.

Example::

    python -m data_prep.lm_text --train train.txt --valid valid.txt --test test.txt \\
        --vocab-size 10000 --destdir data-bin/brown

The text is UTF-8, a sentence a line, tokens separated by white space. The result has the ids of
``fairseq-preprocess --only-source``: each line ends with ``</s>``, an empty line (WikiText has many)
is a lone ``</s>``, a literal ``<unk>`` is fairseq's unknown symbol, and the dictionary is padded to
a multiple of 8 with words that never occur. Beside the dictionary stands ``antonyms.txt``
(``data_prep.antonyms``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import whole_number
from data_prep.files.whole import DESTDIR_HELP
from data_prep.language_modeling.text_databin import SPLITS, build_databin, describe


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    for split in SPLITS:
        parser.add_argument(
            f"--{split}",
            type=Path,
            required=split == SPLITS[0],
            metavar="FILE",
            help=f"text of the split {split}, words with spaces between, a sentence a line",
        )
    parser.add_argument("--destdir", type=Path, required=True, help=DESTDIR_HELP)
    parser.add_argument(
        "--vocab-size",
        type=whole_number(1),
        metavar="N",
        help="keep the N most frequent words of the training text, the rest become <unk> "
        "(default: keep every word)",
    )
    parser.add_argument(
        "--min-count",
        type=whole_number(1),
        default=1,
        metavar="N",
        help="words that occur less often in the training text become <unk> (default: 1)",
    )
    arguments = parser.parse_args(argv)
    summary = build_databin(
        {split: path for split in SPLITS if (path := getattr(arguments, split))},
        arguments.destdir,
        max_words=arguments.vocab_size,
        min_count=arguments.min_count,
    )
    print(describe(summary))


if __name__ == "__main__":
    main()
