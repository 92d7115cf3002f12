"""Numbers out of range: every number option of the plug-in refuses them, and says why."""

import math
import re
from argparse import Namespace
from dataclasses import fields
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from fairseq.criterions import CRITERION_DATACLASS_REGISTRY, CRITERION_REGISTRY
from fairseq.data import Dictionary
from fairseq.models import MODEL_DATACLASS_REGISTRY, MODEL_REGISTRY
from fairseq.tasks import TASK_DATACLASS_REGISTRY, TASK_REGISTRY

import fairseq_cline.plugin  # noqa: F401 - registers them
from data_prep.errors import InputError
from fairseq_cline.option_ranges import (
    FINITE,
    NOT_NEGATIVE,
    POSITIVE,
    SHARE,
    SHARE_BELOW_1,
    at_least,
    between,
    check_options,
    up_to,
)

nan, inf = math.nan, math.inf
REGISTRIES = {
    "criterion": (CRITERION_REGISTRY, CRITERION_DATACLASS_REGISTRY),
    "task": (TASK_REGISTRY, TASK_DATACLASS_REGISTRY),
    "model": (MODEL_REGISTRY, MODEL_DATACLASS_REGISTRY),
}
# What a criterion reads of a task and of stock options before it checks its own.
TASK = SimpleNamespace(
    target_dictionary=Dictionary(), label_dictionary=Dictionary(), sentence_channels=4
)
STOCK = {
    "criterion": {"classification_head_name": "head", "regression_target": False},
    "task": {"data": "nowhere", "max_positions": 32, "label_distance": "adaptive"},
    "model": {"attention_dropout": 0.0, "max_positions": 32},
}
STOCK["task"] |= {"shorten_method": "none", "criterion_name": "clld", "regression_target": False}
STOCK["task"] |= {"source_lang": "xx", "target_lang": "yy"}


class Option(NamedTuple):
    kind: str  # criterion, task or model
    owner: str
    name: str
    wrong: tuple
    words: str  # what it must be

    def __str__(self):
        return f"{self.owner}-{self.name}"


def options(kind, owner, names, wrong, words):
    return [Option(kind, owner, name, wrong, words) for name in names.split()]


NOT_NEGATIVE_WORDS = ((-1.0, nan, inf), ", 0 or more")
POSITIVE_WORDS = ((0.0, -1.0, nan, inf), " above 0")
SHARE_WORDS = ((-0.1, 1.5, nan), " from 0 to 1")
COUNT_WORDS = ((0, -1), ", 1 or more")
ATCL = "atcl_cross_entropy", "atcl_label_smoothed_cross_entropy"
OPTIONS = [
    *options(
        "criterion",
        "cline",
        "mlm_weight rtd_weight contrastive_weight consistency_weight",
        *NOT_NEGATIVE_WORDS,
    ),
    *options("criterion", "cline", "contrastive_temperature", *POSITIVE_WORDS),
    *options("criterion", "dcl", "mlm_weight alignment_weight", *NOT_NEGATIVE_WORDS),
    *options("criterion", "clld", "contrastive_weight", *SHARE_WORDS),
    *options("criterion", "clld", "contrastive_temperature", *POSITIVE_WORDS),
    *options("criterion", "clld", "contrastive_dim", *COUNT_WORDS),
    *options(
        "criterion",
        "freelb",
        "adversarial_steps adversarial_step_size adversarial_init adversarial_max_norm",
        *NOT_NEGATIVE_WORDS,
    ),
    *(
        option
        for owner in ATCL
        for option in (
            *options(
                "criterion",
                owner,
                "adversarial_epsilon adversarial_weight contrastive_weight",
                *NOT_NEGATIVE_WORDS,
            ),
            *options("criterion", owner, "contrastive_temperature", *POSITIVE_WORDS),
        )
    ),
    *(
        option
        for owner in ("cline_pretrain", "dcl_pretrain")
        for option in (
            *options(
                "task", owner, "mask_prob leave_unmasked_prob random_token_prob", *SHARE_WORDS
            ),
            *options("task", owner, "tokens_per_sample", (2, -1), ", 3 or more (<s>, one token"),
        )
    ),
    *options("task", "dcl_pretrain", "momentum", *SHARE_WORDS),
    *options("task", "dcl_pretrain", "projection_dim", *COUNT_WORDS),
    *options("task", "dcl_pretrain", "projection_hidden_dim", *COUNT_WORDS),
    *options("task", "dcl_pretrain", "power_norm_warmup", (-1,), ", 0 or more"),
    *options("task", "atcl_lm", "num_negatives", *COUNT_WORDS),
    *options("task", "atcl_translation", "num_negatives", *COUNT_WORDS),
    *options("task", "clld_classification", "label_distance_max", *NOT_NEGATIVE_WORDS),
    *options("task", "clld_classification", "label_distance_start", *SHARE_WORDS),
    *options("task", "clld_classification", "label_distance_interval", *COUNT_WORDS),
    *options(
        "task", "clld_classification", "max_length", (33, -1), " from 0 to --max-positions 32"
    ),
    *options("model", "text_cnn", "embedding_dim filters", *COUNT_WORDS),
    *options("model", "text_cnn", "filter_widths", ([3, 0],), ", 1 or more"),
    *options("model", "text_cnn", "dropout", (-0.1, 1.0, nan), ", 0 or more and below 1"),
    *options("model", "bert", "embedding_dim encoder_layers", *COUNT_WORDS),
    *options("model", "tensorized_transformer_lm", "attention_rank attention_cores", *COUNT_WORDS),
]


def build(option, value):
    """Makes the criterion, task or model with one option at that value."""
    classes, configurations = REGISTRIES[option.kind]
    config = configurations.get(option.owner, Namespace)()
    for name, setting in {**STOCK[option.kind], option.name: value}.items():
        setattr(config, name, setting)
    owner = classes[option.owner]
    if option.kind == "criterion":
        return owner.build_criterion(config, TASK)
    return owner.setup_task(config) if option.kind == "task" else owner.build_model(config, TASK)


@pytest.mark.parametrize("option", OPTIONS, ids=str)
def test_the_flag_the_value_and_the_range_are_named(option):
    flag = "--" + option.name.replace("_", "-")
    for value in option.wrong:
        found = value[-1] if isinstance(value, list) else value
        message = f"{flag} is {found}, but must be a number{option.words}"
        with pytest.raises(InputError, match="^" + re.escape(message)):
            build(option, value)


def own_numbers():
    """Owner and name of each number option that is not fairseq's."""
    for _, configurations in REGISTRIES.values():
        for owner, config in configurations.items():
            if not config or not config.__module__.startswith("fairseq_cline."):
                continue
            stock = {
                field.name
                for parent in config.__mro__
                if parent.__module__.startswith("fairseq.")
                and hasattr(parent, "__dataclass_fields__")
                for field in fields(parent)
            }
            for field in fields(config):
                is_link = isinstance(field.default, str) and field.default.startswith("${")
                if field.type in (int, float) and field.name not in stock and not is_link:
                    yield owner, field.name


def test_no_number_option_is_without_a_range():
    own = set(own_numbers())
    assert len(own) > 20
    assert own <= {(option.owner, option.name) for option in OPTIONS}


@pytest.mark.parametrize(
    "numbers, right, wrong",
    [
        (NOT_NEGATIVE, (0, 0.5, 7), (-1, nan, inf, -inf)),
        (POSITIVE, (1e-9, 7), (0, -1, nan, inf)),
        (SHARE, (0, 0.5, 1), (-0.1, 1.1, nan)),
        (SHARE_BELOW_1, (0, 0.9), (1, nan)),
        (at_least(3), (3, 4), (2, inf)),
        (up_to(5, "--most"), (0, 5), (6, -1)),
        (between(2, 4), (2, 4), (1, 5, nan)),
        (FINITE, (-7, 0.5), (nan, inf)),
    ],
)
def test_ends_of_a_range(numbers, right, wrong):
    for value in right:
        check_options(Namespace(some_number=value), some_number=numbers)
    for value in wrong:
        with pytest.raises(InputError, match=f"--some-number is {value}, but must be a number"):
            check_options(Namespace(some_number=value), some_number=numbers)


def test_counts_fit_64_bits():
    check_options(Namespace(count=2**63 - 1, rate=1e300), count=at_least(1), rate=POSITIVE)
    for large in (2**63, -(10**20), 10**400):
        message = rf"--count is {str(large)[:40]}, which is too large, but must be a number, 1 or"
        with pytest.raises(InputError, match=message):
            check_options(Namespace(count=large), count=at_least(1))


def test_a_list_needs_a_number():
    check_options(Namespace(widths=[1, 2]), widths=at_least(1))
    with pytest.raises(InputError, match="--widths is empty, but each must be a number, 1 or"):
        check_options(Namespace(widths=[]), widths=at_least(1))
