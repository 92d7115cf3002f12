"""Triplets of plain text, one of each line, in a data-bin that is made for one evaluation."""

import os
from collections.abc import Sequence
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.text_units import STDIN
from data_prep.triplets.databin_maker import make_databin
from data_prep.triplets.triplet_maker import TripletOptions
from fairseq_cline.data.triplet_databin import DataBin
from fairseq_cline.evaluation.encoders.pretrained_encoders import open_databin

SPLIT = "test"
TOKENS_PER_SAMPLE = 512  # the length that CLINE uses


def text_databin(
    texts: Sequence[str],
    destdir: str | os.PathLike[str],
    *,
    tokenizer: Path,
    one_word: bool = False,
    seed: int = 1,
) -> DataBin:
    """Makes a data-bin with the split "test", and opens it.

    Args:
        texts: files, or ``-`` for standard input; a sentence a line.
        destdir: the folder to make.
        tokenizer: the folder of the checkpoints' tokenizer; a data-bin is one.
        one_word: replace one word, by a synonym and by an antonym (CLINE, section 4.6).
        seed: of the replacements.

    Raises:
        InputError: a file is no text.
        ResourceError: WordNet or spaCy's model is not installed.
    """
    options = TripletOptions(seed, TOKENS_PER_SAMPLE, "eos", one_word)
    make_databin({SPLIT: texts}, Path(destdir), tokenizer=tokenizer, options=options)
    return open_databin(os.fspath(destdir))


def text_sha256(paths: Sequence[str]) -> list[str | None]:
    """SHA-256 of each text file; None for standard input, which can be read only once.

    Raises:
        InputError: one is not a file.
    """
    for path in paths:
        if path != STDIN and not os.path.isfile(path):
            raise InputError(f"--text {path}: no such file; give text files, or - for stdin")
    return [None if path == STDIN else file_sha256(path) for path in paths]
