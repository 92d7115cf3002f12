"""WordNet's definitions as a classification set of 25 confusable topics.

Example::

    python -m data_prep.wordnet_topics --destdir topics
    python -m data_prep.text_classification --words --train topics/train.tsv \\
        --test topics/test.tsv --destdir data-bin/topics

A text is the definition of a noun, its label the file of WordNet that the noun is in: act, animal,
artifact, attribute, body, ... Several of them are easily taken for one another (act and event,
location and object), and the largest is 276 times as large as the smallest. The data need no
download beyond WordNet.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data_prep.classification.noun_topics import write_topics
from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import seed, whole_number
from data_prep.files.whole import DESTDIR_HELP


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument("--destdir", type=Path, required=True, help=DESTDIR_HELP)
    parser.add_argument(
        "--train-examples",
        type=whole_number(1),
        default=5000,
        help="number of training examples (default: 5000)",
    )
    parser.add_argument(
        "--test-examples",
        type=whole_number(1),
        default=5000,
        help="number of test examples (default: 5000)",
    )
    parser.add_argument("--seed", type=seed, default=1, help="seed of the draw (default: 1)")
    arguments = parser.parse_args(argv)
    train, test = arguments.train_examples, arguments.test_examples
    write_topics(arguments.destdir, train=train, test=test, seed=arguments.seed)
    print(f"{arguments.destdir}: {train:,} + {test:,} definitions")


if __name__ == "__main__":
    main()
