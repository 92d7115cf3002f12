"""A literal <pad> in a text is a word that nobody knows, and no padding."""

from typing import Any

from fairseq.data import BaseWrapperDataset, Dictionary
from torch import Tensor

from fairseq_cline.compat.patching import Wrapper


class PadIsUnknown(BaseWrapperDataset):
    """A stored text whose literal <pad> is read as <unk>.

    As <pad> it would be taken for padding, which models, losses and batches find by its symbol.
    """

    def __init__(self, text: Any, dictionary: Dictionary):
        super().__init__(text)
        self._pad, self._unk = dictionary.pad(), dictionary.unk()

    def __getattr__(self, name: str) -> Any:
        if name == "dataset":  # not there yet, while this object is unpickled
            raise AttributeError(name)
        return getattr(self.dataset, name)  # --replace-unk asks for the original text

    def __getitem__(self, index: int) -> Tensor:
        tokens = self.dataset[index]
        return tokens.masked_fill(tokens == self._pad, self._unk)


def load_text(
    stock: Wrapper, path: str, dictionary: Dictionary | None = None, *args: Any, **kwargs: Any
) -> Any:
    """Loads what is stored at a path; without a dictionary it is no text but, say, an alignment."""
    stored = stock(path, dictionary, *args, **kwargs)
    return stored if stored is None or dictionary is None else PadIsUnknown(stored, dictionary)


def encode_line(stock: Wrapper, dictionary: Dictionary, *args: Any, **kwargs: Any) -> Tensor:
    """The symbols of a line of text, as of a stored one."""
    ids = stock(dictionary, *args, **kwargs)
    return ids.masked_fill(ids == dictionary.pad(), dictionary.unk())
