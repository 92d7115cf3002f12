"""Tokenizer folders: a fairseq dictionary, and beside it the files of exactly one tokenizer.

Data-bins of triplets and of classification are such folders, so that more text can be encoded in the
same way.
"""

from __future__ import annotations

import os
from pathlib import Path

from fairseq.data import Dictionary

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import save_dictionary
from data_prep.files.inputs import check_readable
from data_prep.files.name_lists import listed
from data_prep.files.whole import whole_file

DICT = "dict.txt"
SENTENCEPIECE = ("spm.model",)
GPT2 = ("encoder.json", "vocab.bpe")
JSON = ("tokenizer.json",)
WORDS = ("words.json",)
KINDS = (SENTENCEPIECE, GPT2, JSON, WORDS)
FILES = (DICT, *(name for kind in KINDS for name in kind))
"""Every name that a file of a tokenizer can have."""
CONTENT = f"{DICT} and one of spm.model, encoder.json with vocab.bpe, tokenizer.json, words.json"


def tokenizer_kind(folder: str | os.PathLike[str]) -> tuple[str, ...]:
    """The files of the tokenizer in a folder, besides its dictionary: one of ``KINDS``.

    Raises:
        InputError: there is no folder, no tokenizer in it, or more than one; or a file of it cannot
            be read.
    """
    if not os.path.isdir(folder):
        raise InputError(f"{folder}: not a folder; name one with {CONTENT}")
    there = [kind for kind in KINDS if any(os.path.lexists(Path(folder, name)) for name in kind)]
    if not there:
        raise InputError(f"{folder}: no tokenizer in it; name a folder with {CONTENT}")
    if len(there) > 1:
        names = [name for kind in there for name in kind if os.path.lexists(Path(folder, name))]
        raise InputError(
            f"{folder}: {listed(names)} in it are files of {len(there)} tokenizers; keep those of one"
        )
    for name in there[0]:
        check_readable(Path(folder, name))
    return there[0]


def write_tokenizer(
    folder: str | os.PathLike[str], dictionary: Dictionary, files: dict[str, bytes]
) -> None:
    """Writes the files of a tokenizer, each whole or not at all."""
    for name, content in files.items():
        with whole_file(Path(folder, name)) as temporary:
            temporary.write_bytes(content)
    save_dictionary(dictionary, Path(folder, DICT))
