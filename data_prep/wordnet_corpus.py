"""WordNet's definitions and example sentences as a text corpus of about 1.5 million words.

Example::

    python -m data_prep.wordnet_corpus --destdir text

It writes train.txt, valid.txt and test.txt: one definition or example a line, a blank line after
each synset. A synset is in one split only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data_prep.english.gloss_corpus import SPLITS, write_corpus
from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import seed
from data_prep.files.whole import DESTDIR_HELP


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument("--destdir", type=Path, required=True, help=DESTDIR_HELP)
    for split in SPLITS[1:]:
        parser.add_argument(
            f"--{split}-share",
            type=float,
            default=0.02,
            help=f"share of the synsets in {split}.txt, 0 to 1 (default: 0.02)",
        )
    parser.add_argument("--seed", type=seed, default=1, help="seed of the split (default: 1)")
    arguments = parser.parse_args(argv)
    counts = write_corpus(
        arguments.destdir,
        valid_share=arguments.valid_share,
        test_share=arguments.test_share,
        seed=arguments.seed,
    )
    for split, count in counts.items():
        sizes = ", ".join(f"{number:,} {unit}" for unit, number in count.items())
        print(f"{arguments.destdir / split}.txt: {sizes}")


if __name__ == "__main__":
    main()
