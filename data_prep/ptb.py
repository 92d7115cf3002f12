"""Data-bin of the Penn Treebank (Mikolov et al. 2011), for language modeling.

Example::

    python -m data_prep.ptb --destdir data-bin/ptb

It downloads the three texts (6 MB), or takes your own copy: their folder, or that of the unpacked
simple-examples. The texts have 10,000 different words, ``<unk>`` included; every word is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from data_prep.files.command_line import command, command_parser
from data_prep.files.published_data import add_published_options
from data_prep.language_modeling.penn_treebank import PENN_TREEBANK
from data_prep.language_modeling.published_texts import build_published
from data_prep.language_modeling.text_databin import describe


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add_published_options(parser)
    summary = build_published(PENN_TREEBANK, **vars(parser.parse_args(argv)))
    print(describe(summary, PENN_TREEBANK.paper_tokens))


if __name__ == "__main__":
    main()
