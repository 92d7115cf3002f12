"""A data-bin of data_prep.text_classification: its labels, its tokenizer and its raw examples.

Raw text, not the binary splits: whatever else is asked of a classifier (other wordings, attacks,
new files) is encoded in the same way.
"""

import os
from dataclasses import dataclass

import torch
from fairseq.data import Dictionary
from torch import Tensor

from data_prep.classification.examples import Example, check_examples, read_labeled_text
from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import class_names, load_dictionary, with_mask
from data_prep.files.manifests import MANIFEST
from data_prep.tokenizers.text_encoders import TextEncoder, load_text_encoder
from data_prep.tokenizers.tokenizer_folders import FILES
from fairseq_cline.data.databin_folder import DatabinFolder
from fairseq_cline.data.label_files import LABELS

_SECOND_TEXT = "input1"  # only data-bins of pairs have this folder
_MAKE = "make the data-bin with data_prep.text_classification"


@dataclass(frozen=True)
class ClassificationData:
    """The form of the examples of a data-bin, and how their text is encoded."""

    folder: str
    labels: list[str]  # in the order of the model's outputs; none: the target is a number
    texts: int  # of an example: 1, or 2 for pairs
    dictionary: Dictionary
    tokenizer: TextEncoder
    databin: DatabinFolder | None = None  # its files, verified when they are read

    def encode(self, text: str) -> Tensor:
        """The symbols (T,) of a raw text; the last is </s>."""
        [ids] = self.tokenizer.encode_texts([" ".join(text.split())])
        return torch.tensor([*ids, self.dictionary.eos()])

    def split_path(self, split: str) -> str:
        """The file of the raw examples of a split.

        Raises:
            InputError: there are none, or they are damaged.
        """
        path = os.path.join(self.folder, "raw", f"{split}.tsv")
        if not os.path.isfile(path):
            raise InputError(f"{path}: no such file; give another --split, or {_MAKE}")
        if self.databin is not None:
            self.databin.verify(f"raw/{split}.tsv")
        return path

    def read_split(self, split: str) -> list[Example]:
        """The examples of a split: `read` of its `split_path`."""
        return self.read(self.split_path(split))

    def read(self, path: str) -> list[Example]:
        """The examples of a file `label<TAB>text[<TAB>second text]`.

        Raises:
            InputError: the file cannot be read, or does not fit the data-bin; it names the line.
        """
        text = read_labeled_text(path)
        check_examples(text, texts=self.texts, labels=self.labels, source=self.folder)
        return text.examples


def open_databin(folder: str, verify: bool = True) -> ClassificationData:
    """Opens a data-bin of data_prep.text_classification.

    Args:
        verify: compare its files with its manifest.

    Raises:
        InputError: the folder is none, or the data-bin is damaged.
    """
    databin = DatabinFolder(folder, "classification", verify)
    dictionary = databin.dictionary("input0/dict.txt", _MAKE)
    tokenizer = _load_tokenizer(databin)
    if tokenizer.dictionary.symbols != dictionary.symbols:
        raise InputError(f"{folder}: input0/dict.txt is not the dict.txt of its tokenizer; {_MAKE}")
    names = []
    if os.path.isfile(databin.path(LABELS)):
        names = class_names(databin.dictionary(LABELS, _MAKE))
    return ClassificationData(
        folder=folder,
        labels=names,
        texts=2 if os.path.isdir(os.path.join(folder, _SECOND_TEXT)) else 1,
        dictionary=with_mask(dictionary),
        tokenizer=tokenizer,
        databin=databin,
    )


def open_text_folder(folder: str) -> ClassificationData:
    """Opens the folder of a classifier's checkpoints, to which its training copied the tokenizer.

    A data-bin is such a folder too.

    Raises:
        InputError: there is no tokenizer in it, or it is damaged.
    """
    if os.path.lexists(os.path.join(folder, MANIFEST)):
        return open_databin(folder)
    tokenizer = load_text_encoder(folder)
    labels = os.path.join(folder, LABELS)
    remedy = "copy that of the data-bin again"
    return ClassificationData(
        folder=folder,
        labels=class_names(load_dictionary(labels, remedy)) if os.path.isfile(labels) else [],
        texts=2 if os.path.isdir(os.path.join(folder, _SECOND_TEXT)) else 1,
        dictionary=with_mask(tokenizer.dictionary),
        tokenizer=tokenizer,
    )


def _load_tokenizer(databin: DatabinFolder) -> TextEncoder:
    databin.verify(*FILES)
    return load_text_encoder(databin.folder)
