"""A classifier without a model: it answers with the number of the class that ends a text."""

from pathlib import Path

import pytest
import torch

from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData

CLASSES = ["bad", "good"]
CONTRAST_SETS = [
    "a\toriginal\tgood\tx 1",
    "a\tcontrast\tbad\ty 0",
    "b\toriginal\tgood\tx 1",
    "b\tcontrast\tbad\ty 1",
    "c\tcontrast\tbad\tz 0",  # a set need not stay together
    "b\tcontrast\tbad\ty 0",
    "c\toriginal\tgood\tx 0",
]


def toy_data(labels: list[str], texts: int = 1, folder: str = "data-bin") -> ClassificationData:
    """A data-bin that is not there."""
    return ClassificationData(folder, labels, texts, dictionary=None, tokenizer=None)


@pytest.fixture
def sets_file(tmp_path) -> Path:
    """A file of data_prep.contrast_set."""
    path = tmp_path / "sets.tsv"
    path.write_text("\n".join(CONTRAST_SETS) + "\n")
    return path


class ToyClassifier:
    """Counts what it is asked, and reads three letters of a text."""

    def __init__(self, labels: list[str], name: str = "toy", flipped: bool = False) -> None:
        self.data, self.name, self.sha256 = toy_data(labels), name, "0" * 64
        self.asked = []
        self._flipped = flipped

    def tokens(self, texts: tuple[str, ...]) -> str:
        return texts[-1]

    def fits(self, texts: tuple[str, ...]) -> bool:
        return len(self.tokens(texts)) <= 3

    def probabilities(self, texts: list[tuple[str, ...]], progress: bool) -> torch.Tensor:
        self.asked += texts
        classes = torch.tensor([int(text[-1][-1]) ^ self._flipped for text in texts])
        return torch.nn.functional.one_hot(classes, len(self.data.labels)).float()
