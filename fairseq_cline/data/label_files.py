"""Checks of the labels of a data-bin: what fairseq would meet with a traceback, or never."""

import math
import os

from fairseq.data.indexed_dataset import infer_dataset_impl

from data_prep.errors import InputError
from data_prep.files.byte_order_marks import mark_length
from data_prep.files.lines import read_lines
from fairseq_cline.data.databin_folder import DatabinFolder
from fairseq_cline.data.index_file import read_items
from fairseq_cline.data.indexed_text import check_indexed_text

LABELS = "label/dict.txt"  # the names of the classes, in a data-bin or beside a checkpoint


def check_labels(databin: DatabinFolder, name: str, dictionary_name: str) -> int:
    """Checks the classes of examples.

    Args:
        name: binary file in the folder, without .idx and .bin.
        dictionary_name: file of the classes.

    Returns:
        The number of examples.

    Raises:
        InputError: the file is missing or damaged, or an item is not a class of the dictionary.
    """
    dictionary, path = databin.dictionary(dictionary_name), databin.path(dictionary_name)
    count = check_indexed_text(databin, name, dictionary, path)
    prefix = databin.path(name)
    if infer_dataset_impl(prefix) != "mmap":
        return count
    items = read_items(prefix)
    is_pair = items.sizes == 2  # the class and </s>
    classes, ends = items.elements[::2], items.elements[1::2]
    if (
        not is_pair.all()
        or (classes < dictionary.nspecial).any()
        or (ends != dictionary.eos()).any()
    ):
        raise InputError(
            f"{prefix}.bin: not one class of {path} for each example; make the data-bin again"
        )
    return count


def check_numbers(databin: DatabinFolder, name: str, count: int) -> int:
    """Checks the numbers of examples, those of a regression.

    Args:
        name: text file in the folder.
        count: how many numbers an example has.

    Returns:
        The number of examples.

    Raises:
        InputError: the file is missing or damaged, or a line is not that many finite numbers.
    """
    path = databin.path(name)
    if not os.path.isfile(path):
        raise InputError(f"{path}: no such file; give another split or folder")
    databin.verify(name)
    if mark_length(path):
        raise InputError(
            f"{path}: begins with a byte order mark, which fairseq takes for a part of the first "
            "number; save the file as UTF-8 without it"
        )
    number = 0
    for number, line in enumerate(read_lines(path), 1):
        try:
            values = [float(field) for field in line.split()]
        except ValueError:
            values = []
        if len(values) != count or not all(map(math.isfinite, values)):
            raise InputError(
                f"{path}, line {number}: expected {count} number(s) (--num-classes); mend the line, "
                "or make the data-bin again"
            )
    return number
