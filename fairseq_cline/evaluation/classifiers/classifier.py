"""Fine-tuned classifiers, asked about raw texts.

Any model that `--task sentence_prediction` (stock) or `clld_classification` trains, of any
architecture, with the data-bin of its training. Letters: N texts, B texts of a batch, T tokens, K
classes.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from fairseq import checkpoint_utils
from fairseq.data import Dictionary, data_utils
from fairseq.models import BaseFairseqModel
from fairseq.tasks.sentence_prediction import SentencePredictionTask
from torch import Tensor
from tqdm import tqdm

import fairseq_cline.plugin  # noqa: F401 - registers what a checkpoint may name
from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData
from fairseq_cline.evaluation.encoders.batches import batches_by_length


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
        """(T,) a text or a pair of texts as stock makes it of the binary splits.

        That is, with `--init-token` and `--separator-token`, but not yet cut to fit the model.

        Raises:
            InputError: the data has pairs and this is none, or the other way round.
        """
        texts = [text] if isinstance(text, str) else text
        if len(texts) != self.data.texts:
            raise InputError(
                f"{len(texts)} text(s) for an example, but {self.name} was trained on "
                f"{self.data.texts}; give it {'pairs' if self.data.texts == 2 else 'single texts'}"
            )
        leads = (self.task.init_token, self.task.separator_token)[: len(texts)]
        parts = []
        for lead, part in zip(leads, texts, strict=True):
            parts += [] if lead is None else [torch.tensor([lead])]
            parts.append(self.data.encode(part))
        return torch.cat(parts)

    @property
    def longest(self) -> int:
        """Tokens that it reads: as in its training (--max-length of clld_classification)."""
        return getattr(self.task, "max_length", 0) or self.task.max_positions

    def fits(self, tokens: Tensor) -> bool:
        """Whether the model reads all the tokens; else `logits` cuts the end off."""
        return len(tokens) <= self.longest

    def logits(self, encoded: Sequence[Tensor], progress: bool = False) -> Tensor:
        """(N, K) on the CPU; of a regression (N, 1), its predictions.

        What is too long loses its end, as by `--shorten-method truncate`.

        Args:
            encoded: the `tokens` of each text or pair of texts.
            progress: show a bar.

        Raises:
            InputError: an output is not a finite number.
        """
        encoded = [tokens[: self.longest] for tokens in encoded]
        result = torch.empty(len(encoded), self.task.num_classes)
        with (
            torch.inference_mode(),
            tqdm(total=len(encoded), desc=self.name, unit=" texts", disable=not progress) as bar,
        ):
            for batch in batches_by_length(encoded):
                tokens = [encoded[index] for index in batch]
                result[torch.from_numpy(batch)] = self.forward(tokens).float().cpu()
                bar.update(len(batch))
        if not result.isfinite().all():
            raise InputError(
                f"{self.name}: its outputs are not finite numbers (a training that diverged); "
                "give another checkpoint"
            )
        return result

    def probabilities(self, texts: Sequence[str | Sequence[str]], progress: bool = False) -> Tensor:
        """(N, K) of raw texts, or pairs of them, on the CPU, in the order of `data.labels`."""
        return self.logits([self.tokens(text) for text in texts], progress).softmax(dim=1)

    def forward(self, tokens: list[Tensor]) -> Tensor:
        """B texts -> (B, K)."""
        padded = data_utils.collate_tokens(tokens, self.data.dictionary.pad())  # (B, T)
        logits, _ = self.model(
            src_tokens=padded.to(self.device),
            src_lengths=torch.tensor([*map(len, tokens)], device=self.device),
            features_only=True,
            classification_head_name=self.task.classification_head_name,
        )
        return logits


def load_classifier(
    path: str,
    data: ClassificationData,
    name: str | None = None,
    device: torch.device | str = "cpu",
) -> Classifier:
    """Loads a checkpoint of a classification task.

    Args:
        data: the data-bin of its training.
        name: what tables and messages call it; None takes the file's name.

    Raises:
        InputError: the file is no checkpoint of a classifier, or not one of this data-bin.
    """
    state = checkpoint_utils.load_checkpoint_to_cpu(path, {"data": data.folder})
    config = state["cfg"]["task"]
    if getattr(config, "num_classes", None) is None:
        raise InputError(
            f"{path}: not a classifier; give a checkpoint trained with --task sentence_prediction "
            "or clld_classification"
        )
    # A task that counts the labels of its data saves -1.
    config.num_classes = _outputs(path, state["model"], config.classification_head_name)
    _check_fits(path, state, data)
    # The model needs a dictionary only, and that of the data must be its own.
    task = SentencePredictionTask(config, data.dictionary, Dictionary())
    (model,), cfg, _ = checkpoint_utils.load_model_ensemble_and_task([path], task=task, state=state)
    model = model.to(device).float().eval().requires_grad_(False)
    return Classifier(
        name=os.path.basename(path) if name is None else name,
        sha256=file_sha256(path),
        model=model,
        task=cfg.task,
        data=data,
        device=torch.device(device),
    )


def _outputs(path: str, weights: dict[str, Tensor], head: str) -> int:
    """How many outputs a classification head has: the size of its last bias."""
    prefix = f"classification_heads.{head}."
    sizes = [
        len(weight)
        for key, weight in weights.items()
        if key.startswith(prefix) and key.endswith(".bias")
    ]
    if not sizes:
        raise InputError(f"{path}: no classification head '{head}' in it; give another checkpoint")
    return sizes[-1]


def _check_fits(path: str, state: dict, data: ClassificationData) -> None:
    """fairseq leaves out a head of another size with a warning, and goes on with a random one."""
    config = state["cfg"]["task"]
    if bool(config.regression_target) == bool(data.labels):
        kinds = ("classes", "numbers") if data.labels else ("numbers", "classes")
        raise InputError(f"{data.folder} has {kinds[0]} for labels, {path} was trained on "
                         f"{kinds[1]}; give --data the data-bin of its training")  # fmt: skip
    if data.labels and config.num_classes != len(data.labels):
        raise InputError(
            f"{path} knows {config.num_classes} classes, {data.folder} has {len(data.labels)}; "
            "give --data the data-bin of its training"
        )
    for key, weight in state["model"].items():
        if key.endswith("embed_tokens.weight") and len(weight) != len(data.dictionary):
            raise InputError(
                f"{path}: its vocabulary has {len(weight)} symbols, {data.folder}/input0/dict.txt "
                f"has {len(data.dictionary)} (specials included); give --data the data-bin of its "
                "training"
            )
