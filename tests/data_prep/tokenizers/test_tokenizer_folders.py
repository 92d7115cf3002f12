"""The tokenizer in a folder: one, and files that can be read to their end."""

import os

import pytest

from data_prep.errors import InputError
from data_prep.tokenizers.tokenizer_folders import KINDS, tokenizer_kind


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_is_told_by_the_files(tmp_path, kind):
    for name in (*kind, "dict.txt", "train.bin"):
        (tmp_path / name).touch()
    assert tokenizer_kind(tmp_path) == kind


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "no tokenizer in it; name a folder with dict.txt and one of spm.model"),
        (["spm.model", "words.json"], "spm.model, words.json in it are files of 2 tokenizers"),
        (["encoder.json"], "vocab.bpe: cannot be read .No such file"),
    ],
)
def test_other_folders_are_refused(tmp_path, names, message):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=message):
        tokenizer_kind(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "spm.model")
    with pytest.raises(InputError, match=r"spm.model: cannot be read \(a pipe or a device\)"):
        tokenizer_kind(tmp_path)
