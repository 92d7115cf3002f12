"""Fine-tuned classifiers, asked about raw texts.

Any model that `--task sentence_prediction` (stock) or `clld_classification` trains, of any
architecture, with the data-bin of its training. Letters: N texts, B texts of a batch, T tokens, K
classes.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from fairseq.data import Dictionary, data_utils
from fairseq.models import BaseFairseqModel
from fairseq.tasks.sentence_prediction import SentencePredictionConfig, SentencePredictionTask
from torch import Tensor

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.progress import Bar
from fairseq_cline.compat import pair_lengths
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData
from fairseq_cline.evaluation.encoders.batches import batches_by_length
from fairseq_cline.evaluation.encoders.stored_models import (
    check_vocabulary,
    rows,
    stored_model,
    stored_state,
    task_settings,
)


@dataclass(frozen=True)
class Classifier:
    """A model without dropout, in fp32, and how it reads text."""

    name: str
    sha256: str
    model: BaseFairseqModel
    task: Any  # the configuration of its task
    data: ClassificationData
    device: torch.device

    def tokens(self, text: str | Sequence[str]) -> Tensor:
        """The tokens (T,) that the model reads of a text or a pair, as in its training.

        They have `--init-token` and `--separator-token`. What is too long is cut as by
        `--shorten-method truncate`: at its end, of a pair at the end of the longer text.

        Raises:
            InputError: as `fits`.
        """
        parts = self._parts(text)
        if len(parts) == 2 and pair_lengths.is_mended():
            leads = [int(lead is not None) for lead in self._leads]
            return pair_lengths.fit_pair(parts, leads, self.longest)
        return torch.cat(parts)[: self.longest]

    def fits(self, text: str | Sequence[str]) -> bool:
        """Whether the model reads all of a text or a pair.

        Raises:
            InputError: the data has pairs and this is none, or the other way round.
        """
        return sum(map(len, self._parts(text))) <= self.longest

    @property
    def longest(self) -> int:
        """Number of tokens that the model reads, as in its training.

        `--max-length` of clld_classification may be below the positions that the model has.
        """
        return getattr(self.task, "max_length", 0) or self.task.max_positions

    @property
    def _leads(self) -> list[int | None]:
        """The token before each text of an example, if there is one."""
        return [self.task.init_token, self.task.separator_token][: self.data.texts]

    def _parts(self, text: str | Sequence[str]) -> list[Tensor]:
        """The tokens of each text, with the one before it.

        Raises:
            InputError: the data has pairs and this is none, or the other way round.
        """
        texts = [text] if isinstance(text, str) else text
        if len(texts) != self.data.texts:
            raise InputError(
                f"{len(texts)} text(s) for an example, but {self.name} was trained on "
                f"{self.data.texts}; give it {'pairs' if self.data.texts == 2 else 'single texts'}"
            )
        return [
            torch.cat([torch.tensor([] if lead is None else [lead]).long(), self.data.encode(part)])
            for lead, part in zip(self._leads, texts, strict=True)
        ]

    def logits(self, encoded: Sequence[Tensor], progress: bool = False) -> Tensor:
        """The logits (N, K) of texts, on the CPU; of a regression (N, 1), its predictions.

        Args:
            encoded: the `tokens` of each text or pair of texts.
            progress: shows a bar.

        Raises:
            InputError: an output is not a finite number.
        """
        result = torch.empty(len(encoded), self.task.num_classes)
        batches = batches_by_length(encoded)
        if progress:  # attacks ask often, and without: a hidden bar takes time, and swallows Ctrl-C
            batches = _with_bar(batches, self.name, len(encoded))
        with torch.inference_mode():
            for batch in batches:
                tokens = [encoded[index] for index in batch]
                result[torch.from_numpy(batch)] = self.forward(tokens).float().cpu()
        if not result.isfinite().all():
            raise InputError(
                f"{self.name}: its outputs are not finite numbers (a training that diverged); "
                "give another checkpoint"
            )
        return result

    def probabilities(self, texts: Sequence[str | Sequence[str]], progress: bool = False) -> Tensor:
        """The probabilities (N, K) of raw texts or pairs, in the order of `data.labels`."""
        return self.logits([self.tokens(text) for text in texts], progress).softmax(dim=1)

    def forward(self, tokens: list[Tensor]) -> Tensor:
        """The logits (B, K) of the `tokens` of B texts, on the device of the model."""
        padded = data_utils.collate_tokens(tokens, self.data.dictionary.pad())  # (B, T)
        logits, _ = self.model(
            src_tokens=padded.to(self.device),
            src_lengths=torch.tensor([*map(len, tokens)], device=self.device),
            features_only=True,
            classification_head_name=self.task.classification_head_name,
        )
        return logits


def _with_bar(batches: Iterable[np.ndarray], name: str, total: int) -> Iterator[np.ndarray]:
    with Bar(total=total, desc=name, unit=" texts") as bar:
        for batch in batches:
            yield batch
            bar.update(len(batch))


def load_classifier(
    path: str,
    data: ClassificationData,
    name: str | None = None,
    device: torch.device | str = "cpu",
    flag: str = "--data",
) -> Classifier:
    """Loads a checkpoint of a classification task.

    Args:
        data: the data-bin of its training.
        name: what tables and messages call it; None takes the file's name.
        flag: the option that names the data, for messages.

    Raises:
        InputError: the file is no checkpoint of a classifier, or not one of this data-bin.
    """
    state = stored_state(path, data=data.folder)
    settings = task_settings(
        path,
        state,
        SentencePredictionConfig,
        "not a classifier; give a checkpoint trained with --task sentence_prediction or "
        "clld_classification",
    )
    # A task that counts the labels of its data saves -1.
    settings.num_classes = _outputs(path, state["model"], settings.classification_head_name)
    _check_fits(path, state, settings, data, f"give {flag} the data-bin of its training")
    # The model needs a dictionary only, and that of the data must be its own.
    task = SentencePredictionTask(settings, data.dictionary, Dictionary())
    model, _ = stored_model(path, state, task)
    return Classifier(
        name=os.path.basename(path) if name is None else name,
        sha256=file_sha256(path),
        model=model.to(device),
        task=settings,
        data=data,
        device=torch.device(device),
    )


def _outputs(path: str, weights: dict[str, Tensor], head: str) -> int:
    """Number of outputs of a classification head: the size of its last bias."""
    prefix = f"classification_heads.{head}."
    sizes = [
        rows(weight)
        for key, weight in weights.items()
        if key.startswith(prefix) and key.endswith(".bias")
    ]
    if not sizes:
        raise InputError(f"{path}: no classification head '{head}' in it; give another checkpoint")
    return sizes[-1]


def _check_fits(path: str, state: dict, config: Any, data: ClassificationData, remedy: str) -> None:
    """Checks labels and vocabulary; fairseq would only warn, and go on with a random head.

    Raises:
        InputError: the checkpoint was trained on other data.
    """
    if bool(config.regression_target) == bool(data.labels):
        kinds = ("numbers", "classes, whose names label/dict.txt has")
        found, wanted = reversed(kinds) if data.labels else kinds
        raise InputError(
            f"{data.folder} has {found.partition(',')[0]} for labels, {path} was trained on "
            f"{wanted}; {remedy}"
        )
    if data.labels and config.num_classes != len(data.labels):
        raise InputError(
            f"{path} knows {config.num_classes} classes, {data.folder} has {len(data.labels)}; "
            f"{remedy}"
        )
    for key, weight in state["model"].items():
        if key.endswith("embed_tokens.weight"):
            dictionary = f"{data.folder}/dict.txt"
            check_vocabulary(path, rows(weight), data.dictionary, dictionary, remedy=remedy)
