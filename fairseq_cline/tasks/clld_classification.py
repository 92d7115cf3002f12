"""Classification with label distances (CLLD), for its baselines and for FreeLB too."""

import os
from dataclasses import dataclass, field
from typing import Optional

from fairseq.data import Dictionary
from fairseq.dataclass import ChoiceEnum
from fairseq.logging import metrics
from fairseq.tasks import register_task
from fairseq.tasks.sentence_prediction import SentencePredictionConfig, SentencePredictionTask
from omegaconf import II
from torch import nn

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import class_names, load_dictionary
from fairseq_cline.data.databin_folder import SKIP_HELP, DatabinFolder
from fairseq_cline.data.indexed_text import check_indexed_text, has_text, parts_of_split
from fairseq_cline.data.label_files import LABELS, check_labels, check_numbers
from fairseq_cline.option_ranges import NOT_NEGATIVE, SHARE, at_least, check_options, up_to
from fairseq_cline.tasks.early_backward import EarlyBackward
from fairseq_cline.tasks.label_distance_schedule import LabelDistanceSchedule

INPUT_DICTIONARY = "input0/dict.txt"


@dataclass
class ClldClassificationConfig(SentencePredictionConfig):
    num_classes: int = field(
        default=-1, metadata={"help": "number of classes (default: those of label/dict.txt)"}
    )
    max_length: int = field(
        default=0,
        metadata={
            "help": "cut each example to this many tokens, where the encoder has places for more "
            "(CLLD: 128 tokens of BERT's 512; 0: to --max-positions); of a pair the longer text is "
            "cut first. Needs --shorten-method"
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
    skip_verification: bool = field(default=False, metadata={"help": SKIP_HELP})
    criterion_name: str = II("criterion._name")
    train_subset: str = II("dataset.train_subset")
    valid_subset: str = II("dataset.valid_subset")
    disable_validation: bool = II("dataset.disable_validation")
    max_epoch: int = II("optimization.max_epoch")
    max_update: int = II("optimization.max_update")


@register_task("clld_classification", dataclass=ClldClassificationConfig)
class ClldClassificationTask(EarlyBackward, SentencePredictionTask):
    """Stock `sentence_prediction` on a data-bin of data_prep.text_classification.

    With `--criterion clld` it follows Algorithm 1 of the paper: see LabelDistanceSchedule.

    Any model that stock `sentence_prediction` trains will do: its `classification_heads` read
    features (B, T, C) whose first position stands for the sentence, or (B, C).
    """

    cfg: ClldClassificationConfig

    @classmethod
    def setup_task(cls, cfg: ClldClassificationConfig, **kwargs):
        _check_options(cfg)
        databin = open_databin(cfg)
        databin.verify(INPUT_DICTIONARY)
        if not cfg.regression_target:
            found = len(class_names(databin.dictionary(LABELS)))
            if not found or cfg.num_classes not in (-1, found):
                raise InputError(
                    f"--num-classes is {cfg.num_classes}, but {databin.path(LABELS)} has "
                    f"{found}; leave it out, or make the data-bin again"
                )
            cfg.num_classes = found
        elif cfg.num_classes < 1:
            raise InputError("--regression-target needs --num-classes, the numbers of an example")
        return super().setup_task(cfg, **kwargs)

    @classmethod
    def load_dictionary(cls, filename: str) -> Dictionary:
        """fairseq's own, with <mask> at the end.

        Raises:
            InputError: there is none, or it is damaged.
        """
        dictionary = load_dictionary(filename, "give the folder of a data-bin")
        dictionary.add_symbol("<mask>")
        return dictionary

    def __init__(self, cfg: ClldClassificationConfig, data_dictionary, label_dictionary):
        super().__init__(cfg, data_dictionary, label_dictionary)
        labels = [] if cfg.regression_target else class_names(label_dictionary)
        self.schedule = LabelDistanceSchedule(cfg, labels)

    def build_model(self, cfg, from_checkpoint: bool = False):
        model = super().build_model(cfg, from_checkpoint)
        head = model.classification_heads[self.cfg.classification_head_name]
        linear = next(module for module in head.modules() if isinstance(module, nn.Linear))
        self.sentence_channels = linear.in_features
        return model

    def max_positions(self) -> int:
        """Greatest length of an example; the model may have more positions."""
        return self.cfg.max_length or self.cfg.max_positions

    def load_dataset(self, split: str, combine: bool = False, **kwargs):
        """Raises InputError when a file of the split is missing, damaged or does not fit."""
        databin = open_databin(self.cfg)
        inputs = ["input0"] + ["input1"] * os.path.isdir(databin.path("input1"))
        parts = parts_of_split(split, combine, lambda p: has_text(databin, f"{inputs[0]}/{p}"))
        for part in parts:
            self._check_part(databin, inputs, part)
        if split == self.cfg.train_subset and self.cfg.criterion_name == "clld":
            self.schedule.read_initial()
        return super().load_dataset(split, combine, **kwargs)

    def _check_part(self, databin: DatabinFolder, inputs: list[str], part: str) -> None:
        sizes = {
            name: check_indexed_text(
                databin, f"{name}/{part}", self.source_dictionary, databin.path(INPUT_DICTIONARY)
            )
            for name in inputs
        }
        if self.cfg.regression_target:
            sizes["label"] = check_numbers(databin, f"label/{part}.label", self.cfg.num_classes)
        else:
            # Not the task's dictionary, which fairseq has added <mask> to.
            sizes["label"] = check_labels(databin, f"label/{part}", LABELS)
        if len(set(sizes.values())) > 1:
            found = ", ".join(f"{name} {size}" for name, size in sizes.items())
            raise InputError(
                f"{self.cfg.data}: {part} has other numbers of examples in its parts ({found}); "
                "make the data-bin again"
            )

    def dataset(self, split: str):
        """fairseq's own; the trainer asks for the subset that it is about to validate."""
        self.schedule.split = split
        return super().dataset(split)

    def begin_epoch(self, epoch: int, model) -> None:
        super().begin_epoch(epoch, model)
        self.schedule.epochs_done = epoch - 1

    def begin_valid_epoch(self, epoch: int, model) -> None:
        super().begin_valid_epoch(epoch, model)
        self.schedule.begin_validation(epoch)

    def reduce_metrics(self, logging_outputs, criterion) -> None:
        """fairseq's own; with clld the schedule sees the confusion matrix of a validation."""
        super().reduce_metrics(logging_outputs, criterion)
        distance = getattr(criterion, "label_distance", None)
        if distance is not None and "confusion" in logging_outputs[0]:
            metrics.log_scalar("label_distance_updates", int(distance.updates), weight=0)
            self.schedule.observe(distance, sum(log["confusion"] for log in logging_outputs))

    def train_step(self, sample, model, criterion, optimizer, update_num, ignore_grad=False):
        """fairseq's own, after the update of the distances that a validation has asked for.

        A worker whose data are at their end repeats a batch, of which nothing counts: `ignored`.
        """
        distance = getattr(criterion, "label_distance", None)
        if distance is not None:
            self.schedule.before_step(distance, update_num)
            sample = {**sample, "ignored": ignore_grad}
        return super().train_step(sample, model, criterion, optimizer, update_num, ignore_grad)


def open_databin(cfg: ClldClassificationConfig) -> DatabinFolder:
    """Raises InputError when the data-bin is damaged."""
    return DatabinFolder(cfg.data, "classification", verify=not cfg.skip_verification)


def _check_options(cfg: ClldClassificationConfig) -> None:
    check_options(cfg, max_length=up_to(cfg.max_positions, "--max-positions"))
    if cfg.max_length and cfg.shorten_method == "none":
        raise InputError("--max-length needs --shorten-method truncate or random_crop")
    if cfg.criterion_name != "clld":
        return
    if (cfg.label_distance == "static") != bool(cfg.label_distance_file):
        raise InputError("--label-distance static and --label-distance-file go together; give both")
    check_options(cfg, label_distance_max=NOT_NEGATIVE)
    if cfg.label_distance != "adaptive":
        return
    check_options(cfg, label_distance_start=SHARE, label_distance_interval=at_least(1))
    if cfg.disable_validation:
        raise InputError(
            "--label-distance adaptive learns from the validation set; drop --disable-validation"
        )
    if max(cfg.max_epoch, cfg.max_update) <= 0:
        raise InputError(
            "--label-distance adaptive slows down towards the end of the training; set "
            "--max-epoch or --max-update"
        )
