"""Test examples changed so that their label stays, for ``fairseq_cline.evaluation.invariance``.

Example::

    python -m data_prep.invariance_set test.tsv --destdir invariance

    python -m fairseq_cline.evaluation.invariance model.pt --data data-bin --sets invariance

After CheckList (Ribeiro et al., 2020). A file has lines ``label<TAB>text[<TAB>text]``. Each kind
gives ``KIND.tsv``, the changed examples, and ``KIND.original.tsv``, the same ones untouched, line by
line; an example that a kind cannot change is in neither. Runs of white space become one space. The
same example, at the same line, gets the same change with the same seed.

* ``synonym``: a tenth of the words, one at least, become WordNet synonyms, as in
  data_prep.synonym_text.
* ``name``: first names, cities and countries of a list become others of their kind.
* ``number``: a number in figures becomes another one of as many digits: what stands before its
  final zeros grows or shrinks by one, or by up to a fifth; a year another one of its decade. A text
  with a rating ("8 out of 10", "4 stars", "gave it a 3") is left alone.
* ``contraction``: don't becomes do not, it's it is; where there is none, the other way round, in
  the spelling of the file ("don't", "do n't" or "don 't").
* ``punctuation``: the marks at the end go; where there are none, a full stop is added.
* ``typo``: two neighboring letters inside one word change places.

Limits: synonyms are those of the most frequent sense, which may be the wrong one. Names inside
other names ("Chicago Tribune"), facts ("Paris in France") and reasoning about quantity ("2 of the 3
men") are not understood: for a pair of sentences whose label hangs on them, leave out ``name`` and
``number``. Look at a sample before you trust a figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data_prep.classification.invariance_sets import KINDS, write_sets
from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import seed
from data_prep.files.whole import DESTDIR_HELP


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    add("source", type=Path, metavar="EXAMPLES", help="lines of label<TAB>text[<TAB>text]")
    add("--destdir", type=Path, required=True, help=DESTDIR_HELP)
    add("--kinds", nargs="+", choices=KINDS, default=KINDS, help="kinds of changes (default: all)")
    add("--seed", type=seed, default=1, help="seed of the random choices (default: 1)")
    arguments = parser.parse_args(argv)
    sets = write_sets(
        arguments.source, arguments.destdir, kinds=arguments.kinds, seed=arguments.seed
    )
    print(*sets, sep="\n")


if __name__ == "__main__":
    main()
