"""Classification with label distances (CLLD), for its baselines and for FreeLB too."""

import logging
import math
import os
from dataclasses import dataclass, field
from typing import Optional

import torch
from fairseq.data import Dictionary
from fairseq.dataclass import ChoiceEnum
from fairseq.logging import metrics
from fairseq.tasks import register_task
from fairseq.tasks.sentence_prediction import SentencePredictionConfig, SentencePredictionTask
from omegaconf import II
from torch import Tensor, nn

from fairseq_cline.data.label_distances import read_label_distances
from fairseq_cline.errors import InputError
from fairseq_cline.tasks.early_backward import EarlyBackward

logger = logging.getLogger(__name__)


@dataclass
class ClldClassificationConfig(SentencePredictionConfig):
    num_classes: int = field(
        default=-1, metadata={"help": "number of classes (default: those of label/dict.txt)"}
    )
    max_length: int = field(
        default=0,
        metadata={
            "help": "cut each example to this many tokens, where the encoder has places for more "
            "(CLLD: 128 tokens of BERT's 512; 0: to --max-positions). Needs --shorten-method"
        },
    )
    label_distance: ChoiceEnum(["adaptive", "static", "none"]) = field(
        default="adaptive",
        metadata={
            "help": "distances between classes in --criterion clld: adaptive: learned from what "
            "the validation set confuses (Algorithm 1); static: --label-distance-file; none: 1 "
            "(the paper's CT+CL)"
        },
    )
    label_distance_file: Optional[str] = field(  # noqa: UP045
        default=None,
        metadata={
            "help": "pairs of classes that are confused, label<TAB>label[<TAB>distance] a line "
            "(evaluation.confused_pairs makes one); all other distances are 1"
        },
    )
    label_distance_max: float = field(
        default=5.0,
        metadata={
            "help": "distance of the classes that are confused most, and of the pairs of the file "
            "that name none, >= 0 (tau of section IV-B; paper: 5.0)"
        },
    )
    label_distance_start: float = field(
        default=0.2,
        metadata={
            "help": "share of --max-epoch or --max-update after which adaptive distances are "
            "updated, 0 to 1 (Algorithm 1: a fifth)"
        },
    )
    label_distance_interval: int = field(
        default=10,
        metadata={
            "help": "validations from one update of adaptive distances to the next, >= 1 "
            "(Algorithm 1: 10)"
        },
    )
    criterion_name: str = II("criterion._name")
    valid_subset: str = II("dataset.valid_subset")
    max_epoch: int = II("optimization.max_epoch")
    max_update: int = II("optimization.max_update")


@register_task("clld_classification", dataclass=ClldClassificationConfig)
class ClldClassificationTask(EarlyBackward, SentencePredictionTask):
    """Stock `sentence_prediction` on a data-bin of data_prep.text_classification.

    With `--criterion clld` it follows Algorithm 1 of the paper: the confusion matrix of each
    tenth validation (the first subset of --valid-subset) moves the label distances.

    Any model that stock `sentence_prediction` trains will do: its `classification_heads` read
    features (B, T, C) whose first position stands for the sentence, or (B, C).
    """

    cfg: ClldClassificationConfig

    @classmethod
    def setup_task(cls, cfg: ClldClassificationConfig, **kwargs):
        labels = os.path.join(cfg.data, "label", "dict.txt")
        for path in (os.path.join(cfg.data, "input0", "dict.txt"), labels):
            if not os.path.isfile(path) and not cfg.regression_target:
                raise InputError(
                    f"{path}: no such file; make the data-bin with data_prep.text_classification"
                )
        if not cfg.regression_target:
            dictionary = Dictionary.load(labels)
            found = len(dictionary) - dictionary.nspecial
            if cfg.num_classes not in (-1, found):
                raise InputError(
                    f"--num-classes is {cfg.num_classes}, but {labels} has {found}; leave it out"
                )
            cfg.num_classes = found
        elif cfg.num_classes < 1:
            raise InputError("--regression-target needs --num-classes, the numbers of an example")
        if not 0 <= cfg.max_length <= cfg.max_positions:
            raise InputError(
                f"--max-length is {cfg.max_length}, but must be at most --max-positions "
                f"{cfg.max_positions}"
            )
        if cfg.max_length and cfg.shorten_method == "none":
            raise InputError("--max-length needs --shorten-method truncate or random_crop")
        if cfg.criterion_name == "clld":
            _check(cfg)
        return super().setup_task(cfg, **kwargs)

    def __init__(self, cfg: ClldClassificationConfig, data_dictionary, label_dictionary):
        super().__init__(cfg, data_dictionary, label_dictionary)
        self._epochs_done = 0
        self._unseen = 0  # examples of the first validation subset that are still to come
        self._confusion: Tensor | int = 0  # of those that have come
        self._may_follow = True  # a checkpoint may have an update pending

    def build_model(self, cfg, from_checkpoint: bool = False):
        model = super().build_model(cfg, from_checkpoint)
        head = model.classification_heads[self.cfg.classification_head_name]
        linear = next(module for module in head.modules() if isinstance(module, nn.Linear))
        self.sentence_channels = linear.in_features
        return model

    def max_positions(self) -> int:
        """Of an example; the model may have more."""
        return self.cfg.max_length or self.cfg.max_positions

    def initial_distances(self) -> Tensor:
        """(K, K) label distances before any update."""
        if self.cfg.label_distance != "static":
            return torch.ones(self.cfg.num_classes, self.cfg.num_classes)
        return read_label_distances(
            self.cfg.label_distance_file, self._label_names(), self.cfg.label_distance_max
        )

    def begin_epoch(self, epoch: int, model) -> None:
        super().begin_epoch(epoch, model)
        self._epochs_done = epoch - 1

    def begin_valid_epoch(self, epoch: int, model) -> None:
        super().begin_valid_epoch(epoch, model)
        self._confusion = 0
        self._unseen = len(self.dataset(self.cfg.valid_subset.split(",")[0]))

    def reduce_metrics(self, logging_outputs, criterion) -> None:
        """fairseq's own; with clld it also collects the confusion matrix of a validation."""
        super().reduce_metrics(logging_outputs, criterion)
        distance = getattr(criterion, "label_distance", None)
        if distance is None or self._unseen <= 0:
            return
        metrics.log_scalar("label_distance_updates", int(distance.updates), weight=0)
        for log in logging_outputs:
            self._confusion = self._confusion + log["confusion"]
            self._unseen -= int(log["confusion"].sum())
        if self._unseen <= 0:
            distance.validations += 1
            if int(distance.validations) % self.cfg.label_distance_interval == 0:
                distance.pending.copy_(self._confusion)
                self._may_follow = True

    def train_step(self, sample, model, criterion, optimizer, update_num, ignore_grad=False):
        """fairseq's own, after the update of the distances that a validation has asked for."""
        self._unseen = 0  # the batches that come now are no validation
        if self._may_follow and self.cfg.label_distance == "adaptive":
            self._follow(getattr(criterion, "label_distance", None), update_num)
        self._may_follow = False
        return super().train_step(sample, model, criterion, optimizer, update_num, ignore_grad)

    def _follow(self, distance: nn.Module | None, update_num: int) -> None:
        """Lines 4 to 10 of Algorithm 1."""
        if distance is None:
            return
        progress = self._progress(update_num)
        if progress <= self.cfg.label_distance_start:
            distance.pending.zero_()
        elif distance.follow(self.cfg.label_distance_max, strength=1 - progress):
            logger.info(
                f"label distances: update {int(distance.updates)}, epsilon {1 - progress:.2f}; "
                f"{self._farthest(distance.matrix)}"
            )

    def _progress(self, update_num: int) -> float:
        """Share of the training that is done."""
        parts = [
            done / total
            for done, total in (
                (self._epochs_done, self.cfg.max_epoch),
                (update_num, self.cfg.max_update),
            )
            if total > 0
        ]
        return min(max(parts), 1.0)

    def _label_names(self) -> list[str]:
        first = self.label_dictionary.nspecial
        return self.label_dictionary.symbols[first : first + self.cfg.num_classes]

    def _farthest(self, matrix: Tensor) -> str:
        """The three pairs that are farthest apart, for the log."""
        names = self._label_names()
        places = matrix.flatten().argsort(descending=True, stable=True)[:3].tolist()
        pairs = (divmod(place, len(names)) for place in places)
        return "farthest: " + ", ".join(
            f"{names[i]} - {names[j]} {matrix[i, j]:.2f}" for i, j in pairs
        )


def _check(cfg: ClldClassificationConfig) -> None:
    if (cfg.label_distance == "static") != bool(cfg.label_distance_file):
        raise InputError("--label-distance static and --label-distance-file go together")
    if not 0 <= cfg.label_distance_max < math.inf:
        raise InputError(
            f"--label-distance-max is {cfg.label_distance_max}, but must be a number, 0 or more"
        )
    if cfg.label_distance != "adaptive":
        return
    if not 0 <= cfg.label_distance_start <= 1:
        raise InputError(
            f"--label-distance-start is {cfg.label_distance_start}, but must be between 0 and 1"
        )
    if cfg.label_distance_interval < 1:
        raise InputError(
            f"--label-distance-interval is {cfg.label_distance_interval}, but must be at least 1"
        )
    if max(cfg.max_epoch, cfg.max_update) <= 0:
        raise InputError(
            "--label-distance adaptive slows down towards the end of the training; set "
            "--max-epoch or --max-update"
        )
