"""Antonyms of a dictionary's words, for ``--negatives semantic`` of ``atcl_lm``.

Example::

    python -m data_prep.antonyms data-bin/dict.txt

They are written beside the dictionary: ``antonyms.txt`` beside ``dict.txt``, ``antonyms.en.txt``
beside ``dict.en.txt``. English only; ``lm_text`` and ``parallel_text`` write the file themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data_prep.fairseq_format.antonyms import write_antonyms
from data_prep.files.command_line import command, command_parser


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument("dictionary", type=Path, metavar="DICT", help="DATA-BIN/dict.txt")
    print(write_antonyms(parser.parse_args(argv).dictionary))


if __name__ == "__main__":
    main()
