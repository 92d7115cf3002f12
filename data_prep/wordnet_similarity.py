"""Pairs of WordNet's definitions with a score of their similarity, a test of sentence vectors.

Example::

    python -m data_prep.wordnet_similarity --output similarity.csv
    python -m fairseq_cline.evaluation.similarity encoder --sts similarity.csv

The score, from 0 to 5, tells how near two nouns lie in WordNet; the texts are their definitions. It
needs no download beyond WordNet. Sentence vectors that are good on STS-B are good here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data_prep.english.definition_pairs import write_pairs
from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import seed, whole_number
from data_prep.files.outputs import check_output


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FILE.csv", help="file to write"
    )
    parser.add_argument(
        "--limit", type=whole_number(1), default=2000, help="number of pairs (default: 2000)"
    )
    parser.add_argument("--seed", type=seed, default=1, help="seed of the draw (default: 1)")
    arguments = parser.parse_args(argv)
    check_output(arguments.output, flag="--output")
    write_pairs(arguments.output, count=arguments.limit, seed=arguments.seed)
    print(f"{arguments.output}: {arguments.limit:,} pairs of definitions")


if __name__ == "__main__":
    main()
