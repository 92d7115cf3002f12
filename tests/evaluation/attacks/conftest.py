"""A classifier that needs no checkpoint."""

from collections.abc import Sequence
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from data_prep.errors import InputError


class StandIn:
    """Stands in for a Classifier: calls texts good or bad by four words, and notes what is asked."""

    def __init__(self) -> None:
        self.name, self.sha256 = "model.pt", "0" * 64
        self.device = torch.device("cpu")
        self.data = SimpleNamespace(folder="bin", labels=["bad", "good"])
        self.asked: list[int] = []  # number of texts, call by call

    def probabilities(self, texts: Sequence[str | Sequence[str]]) -> Tensor:
        self.asked.append(len(texts))
        return torch.tensor(
            [self._one(text if isinstance(text, str) else text[-1]) for text in texts]
        )

    def _one(self, text: str) -> list[float]:
        if "crash" in text:
            raise InputError("model.pt: out of order")
        good = ("movie" in text or "purchased" in text) and not ("boring" in text or "no " in text)
        return [0.2, 0.8] if good else [0.8, 0.2]


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()
