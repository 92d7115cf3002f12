"""Labels of a data-bin: classes and numbers that fairseq would take, or meet with a traceback."""

import numpy as np
import pytest
import torch
from fairseq.data.indexed_dataset import MMapIndexedDatasetBuilder

from data_prep.errors import InputError
from data_prep.files.byte_order_marks import MARK
from fairseq_cline.data.databin_folder import DatabinFolder
from fairseq_cline.data.label_files import check_labels, check_numbers

BAD, GOOD, EOS = 4, 5, 2


@pytest.fixture
def databin(tmp_path):
    (tmp_path / "label").mkdir()
    (tmp_path / "label" / "dict.txt").write_text("bad 1\ngood 1\n")
    return DatabinFolder(str(tmp_path), "classification")


def write_labels(databin, items):
    prefix = databin.path("label", "train")
    builder = MMapIndexedDatasetBuilder(f"{prefix}.bin", dtype=np.int32)
    for item in items:
        builder.add_item(torch.tensor(item))
    builder.finalize(f"{prefix}.idx")


def check(databin):
    return check_labels(databin, "label/train", "label/dict.txt")


def test_classes(databin):
    write_labels(databin, [[BAD, EOS], [GOOD, EOS], [BAD, EOS]])
    assert check(databin) == 3


@pytest.mark.parametrize(
    "item", [[EOS, EOS], [3, EOS], [BAD, GOOD], [BAD], [BAD, GOOD, EOS], [EOS], [0, EOS]]
)
def test_what_is_no_class(databin, item):
    write_labels(databin, [[BAD, EOS], item, [GOOD, EOS]])
    with pytest.raises(InputError, match="label/train.bin: not one class of .*label/dict.txt"):
        check(databin)


def test_a_class_of_another_dictionary(databin):
    write_labels(databin, [[6, EOS]])
    with pytest.raises(InputError, match="train.bin has symbol 6, but .*label/dict.txt only 6"):
        check(databin)


def test_numbers(databin):
    with open(databin.path("label", "train.label"), "w") as file:
        file.write("1.5\n-2\n3e-2\n")
    assert check_numbers(databin, "label/train.label", 1) == 3


@pytest.mark.parametrize("line", ["", "nan", "1e999", "-inf", "1 2", "x", "1,5", "9" * 400])
def test_what_is_no_number(databin, line):
    with open(databin.path("label", "train.label"), "w") as file:
        file.write(f"1\n{line}\n2\n")
    with pytest.raises(InputError, match=r"train.label, line 2: expected 1 number\(s\)"):
        check_numbers(databin, "label/train.label", 1)


def test_a_byte_order_mark_that_fairseq_would_stumble_over(databin):
    with open(databin.path("label", "train.label"), "wb") as file:
        file.write(MARK + b"1\n2\n")
    with pytest.raises(InputError, match="train.label: begins with a byte order mark.*; save"):
        check_numbers(databin, "label/train.label", 1)


def test_no_file_of_numbers(databin):
    with pytest.raises(InputError, match="label/train.label: no such file"):
        check_numbers(databin, "label/train.label", 1)


def test_numbers_that_are_no_text(databin):
    with open(databin.path("label", "train.label"), "wb") as file:
        file.write(b"1\n\xff\n")
    with pytest.raises(InputError, match="not UTF-8 text"):
        check_numbers(databin, "label/train.label", 1)
