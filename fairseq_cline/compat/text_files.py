"""Copies of the files that turn text into ids and outputs into classes, beside the checkpoints.

So the folder of a checkpoint says by itself how the model reads text. The data folder that a
checkpoint names is never looked at.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.whole import whole_file
from data_prep.tokenizers.tokenizer_folders import DICT, KINDS
from fairseq_cline.data.databin_folder import DatabinFolder
from fairseq_cline.data.label_files import LABELS

_SECOND_TEXT = "input1/dict.txt"  # only data-bins of pairs of texts have one


def copy_text_files(databin: str, save_dir: str, verify: bool = True) -> None:
    """Copies the tokenizer of a data-bin with its dictionary, and its labels, if it has them.

    Files with the same content stay as they are.

    Args:
        databin: folder of the data.
        save_dir: folder of the checkpoints, which exists.
        verify: compare the files with the manifest of the data-bin.

    Raises:
        InputError: a file is damaged; or the folder has a tokenizer of another kind.
    """
    names = [*_text_files(databin)]
    if not names:
        return
    _check_kind(names, databin, save_dir)
    DatabinFolder(databin, None, verify).verify(*names)
    for name in names:
        content, copy = Path(databin, name).read_bytes(), Path(save_dir, name)
        if not copy.is_file() or copy.read_bytes() != content:
            copy.parent.mkdir(exist_ok=True)
            with whole_file(copy) as temporary:
                temporary.write_bytes(content)


def _text_files(folder: str) -> Iterator[str]:
    """The names of the files in a data-bin that are copied."""
    if os.path.isfile(os.path.join(folder, DICT)):
        for tokenizer in KINDS:
            if _has(folder, tokenizer):
                yield from (DICT, *tokenizer)
    yield from (name for name in (LABELS, _SECOND_TEXT) if _has(folder, [name]))


def _has(folder: str, names: Sequence[str]) -> bool:
    return all(os.path.isfile(os.path.join(folder, name)) for name in names)


def _check_kind(names: list[str], databin: str, save_dir: str) -> None:
    """Raises InputError when a copy would leave a folder with two tokenizers."""
    ours = [tokenizer for tokenizer in KINDS if {*tokenizer} <= {*names}]
    for tokenizer in KINDS:
        if ours and tokenizer not in ours and _has(save_dir, tokenizer):
            raise InputError(
                f"--save-dir {save_dir}: has {tokenizer[0]}, the tokenizer of another model than "
                f"one of {databin}, which has {ours[0][0]}; give another --save-dir"
            )
