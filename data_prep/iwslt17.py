"""Data-bin of IWSLT'17 English-German or English-French (TED talks), for translation.

Example::

    python -m data_prep.iwslt17 --pair en-de --destdir data-bin/iwslt17.en-de

It downloads the campaign's archive (17 MB for en-de, 28 MB for en-fr), or takes your own copy:

    campaign   train.tags.en-de.en, IWSLT17.TED.tst2010.en-de.en.xml, ..., the unpacked archive
    plain      train.en, train.de, valid.en, ..., a sentence a line
    parquet    train*.parquet, valid*.parquet, test*.parquet or folders of such names, a column
               "translation" with en and de (needs pyarrow)

Plain and parquet files are taken for the splits that they are named after.

One data-bin trains both directions. Vocabularies are those of the ATCL paper (Table 5): 10k pieces
shared by en and de, 28k for each of en and fr.

The validation set is the campaign's tst2010 to tst2014, the union nearest to the paper's ~7k
(en-de: 6,999); the test set is tst2015, as the paper says "IWSLT15" (en-de: 1,080). dev2010 is left
out. The paper's other numbers cannot be had from this campaign: it trains on 206,112 en-de and
232,825 en-fr sentences, and its en-de sets have 8,967 together, not 13k.
"""

from __future__ import annotations

from collections.abc import Sequence

from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import whole_number
from data_prep.files.published_data import add_published_options
from data_prep.translation.iwslt_pairs import PAIRS, build_pair, compare
from data_prep.translation.pair_databin import describe


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument("--pair", choices=PAIRS, required=True, help="languages, the source first")
    add_published_options(parser)
    parser.add_argument(
        "--vocab-size",
        type=whole_number(1),
        metavar="N",
        help="pieces of the joined model, or of each (default: the paper's)",
    )
    arguments = parser.parse_args(argv)
    summary = build_pair(
        arguments.pair,
        raw_dir=arguments.raw_dir,
        destdir=arguments.destdir,
        vocabulary=arguments.vocab_size,
    )
    print(describe(summary))
    print(compare(summary, PAIRS[arguments.pair].paper))


if __name__ == "__main__":
    main()
