"""Contrast sets from their published formats in one plain form, for any classifier.

Examples::

    python -m data_prep.contrast_set test_original.tsv test_contrast.tsv --format imdb \\
        --destdir sets/imdb

    python -m fairseq_cline.evaluation.contrast_sets model.pt --data data-bin/imdb \\
        --sets sets/imdb/sets.tsv

The formats and their files:

* ``imdb``: IMDb of Gardner et al. (2020), {test,dev}_original.tsv and {test,dev}_contrast.tsv
* ``boolq``: theirs too, boolq_perturbed.json
* ``perspectrum``: theirs too, perspectrum_minimal_pairs.csv or perspectrum_contrast_sets.csv
* ``counterfactual``: IMDb of Kaushik et al. (2020), one of {train,dev,test}_paired.tsv
* ``snli``: SNLI of Kaushik et al. (2020), an original and a revised_combined file

Gives ``sets.tsv``, lines ``set<TAB>original|contrast<TAB>label<TAB>text[<TAB>text]``, and the same
examples as ``original.tsv`` and ``contrast.tsv``, ``label<TAB>text[<TAB>text]``. Made of the
training split, they are the data of an experiment that trains on originals alone, or on both.

Labels become those of data_prep.text_classification (neg and pos, True and False); for data with
other names, ``--labels Positive=1 Negative=0``. A set without a contrast example is left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from data_prep.classification.contrast_formats import FORMATS
from data_prep.classification.contrast_sets import describe, read_sets, write_sets
from data_prep.files.command_line import command, command_parser
from data_prep.files.whole import DESTDIR_HELP


def _renaming(text: str) -> tuple[str, str]:
    old, separator, new = text.partition("=")
    if not (old and separator and new) or new != " ".join(new.split()):
        raise argparse.ArgumentTypeError(f"'{text}' is not OLD=NEW, as Positive=1")
    return old, new


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    add("files", nargs="+", type=Path, metavar="FILE", help="the files of the format, in its order")
    add("--format", required=True, choices=[*FORMATS], help="format in which they are published")
    add("--destdir", type=Path, required=True, help=DESTDIR_HELP)
    add(
        "--labels",
        nargs="+",
        type=_renaming,
        default=[],
        metavar="OLD=NEW",
        help="a label of the files and its name in your training data (default: that of "
        "data_prep.text_classification)",
    )
    arguments = parser.parse_args(argv)
    found = read_sets(arguments.format, arguments.files, dict(arguments.labels))
    sets = [one for one in found if one.contrast]
    write_sets(sets, arguments.destdir)
    print(describe(sets))
    if len(sets) < len(found):
        print(f"{len(found) - len(sets):,} originals without a contrast example left out")


if __name__ == "__main__":
    main()
