"""The times at which the label distances of CLLD change: Algorithm 1 (Lan et al., 2021)."""

import logging
from typing import Any

import torch
from torch import Tensor, nn

from fairseq_cline.data.confused_pairs_file import read_label_distances

logger = logging.getLogger(__name__)


class LabelDistanceSchedule:
    """Moves the distances by the confusions of each tenth validation, after a fifth of training.

    Only the first subset of --valid-subset counts. A validation fills `pending`, a buffer of the
    distances that is saved with them; the next training step follows it. So a checkpoint has the
    distances that its model was trained with, and a resumed run goes on exactly.

    Attributes:
        epochs_done: before the current one.
        split: the one that is being read.

    Args:
        cfg: the configuration of the task.
        labels: names of the K classes.
    """

    def __init__(self, cfg: Any, labels: list[str]):
        self.cfg, self.labels = cfg, labels
        self.epochs_done = 0
        self.split = ""
        self._initial = torch.ones(len(labels), len(labels))
        self._first_step = True
        self._may_follow = True  # a checkpoint may have something pending
        self._update_num = 0
        self._valid_epoch = 0
        self._first_batch = False
        self._due = False

    def read_initial(self) -> None:
        """Reads the file of static distances, if there is one.

        Raises:
            InputError: it is wrong.
        """
        if self.cfg.label_distance == "static":
            self._initial = read_label_distances(
                self.cfg.label_distance_file, self.labels, self.cfg.label_distance_max
            )

    def begin_validation(self, epoch: int) -> None:
        self._valid_epoch = epoch
        self._first_batch = True

    def observe(self, distance: nn.Module, confusion: Tensor) -> None:
        """Takes the counts (K, K) of a validation batch, all workers together."""
        if self.split != self.cfg.valid_subset.split(",")[0]:
            return
        if self._first_batch:
            self._first_batch = False
            distance.validations += 1
            self._due = (
                self.cfg.label_distance == "adaptive"
                and int(distance.validations) % self.cfg.label_distance_interval == 0
                and self._progress(self._valid_epoch, self._update_num)
                > self.cfg.label_distance_start
            )
            self._may_follow |= self._due
            if self._due:
                distance.pending.zero_()
        if self._due:
            distance.pending.add_(confusion)

    def before_step(self, distance: nn.Module, update_num: int) -> None:
        """Follows what is pending; at the very beginning it sets the initial distances.

        Args:
            update_num: updates before this step.
        """
        if self._first_step:
            self._first_step = False
            # A checkpoint that training starts from may have those of another run.
            if update_num == 0 or self.cfg.label_distance != "adaptive":
                distance.start(self._initial)
        self._update_num = update_num + 1
        if self._may_follow:
            self._may_follow = False
            strength = 1 - self._progress(self.epochs_done, update_num)
            if distance.follow(self.cfg.label_distance_max, strength):
                logger.info(
                    f"label distances: update {int(distance.updates)}, epsilon {strength:.2f}; "
                    f"{self._farthest(distance.matrix)}"
                )

    def _progress(self, epochs: int, updates: int) -> float:
        """Share of the training that is done; epochs count when they are whole."""
        totals = ((epochs, self.cfg.max_epoch), (updates, self.cfg.max_update))
        return min(max((done / total for done, total in totals if total > 0), default=0.0), 1.0)

    def _farthest(self, matrix: Tensor) -> str:
        """The three pairs that are farthest apart, for the log."""
        pairs = sorted(
            (-float(matrix[i, j]), i, j)
            for i in range(len(matrix))
            for j in range(len(matrix))
            if i != j and matrix[i, j] > 1
        )[:3]
        named = (f"{self.labels[i]} - {self.labels[j]} {-value:.2f}" for value, i, j in pairs)
        return "farthest: " + (", ".join(named) or "none")
