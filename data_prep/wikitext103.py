"""Data-bin of WikiText-103 (Merity et al. 2017), for language modeling.

Example::

    python -m data_prep.wikitext103 --destdir data-bin/wikitext-103

It downloads the published word-level text (190 MB; 750 MB of temporary space beside the data-bin),
or takes your own copy of its three files. Every word is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from data_prep.files.command_line import command, command_parser
from data_prep.files.published_data import add_published_options
from data_prep.language_modeling.published_texts import build_published
from data_prep.language_modeling.text_databin import describe
from data_prep.language_modeling.wikitext import WIKITEXT_103


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add_published_options(parser)
    summary = build_published(WIKITEXT_103, **vars(parser.parse_args(argv)))
    print(describe(summary, WIKITEXT_103.paper_tokens))


if __name__ == "__main__":
    main()
