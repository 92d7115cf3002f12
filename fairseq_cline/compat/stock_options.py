"""Numbers that fairseq's own options cannot have end a run with one line, before it begins.

Out of range, fairseq divides by zero, seeds numpy with a negative number, or trains to nothing.
"""

import ast
import os
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from fairseq import utils
from fairseq.trainer import Trainer
from omegaconf import DictConfig, OmegaConf

from data_prep.errors import InputError
from fairseq_cline.compat.patching import Wrapper, patch
from fairseq_cline.option_ranges import (
    FINITE,
    NOT_NEGATIVE,
    POSITIVE,
    SHARE,
    Range,
    at_least,
    between,
)

_COUNT = at_least(1)
_LIMIT = at_least(-1, " (-1: no limit)")
_SEED = between(0, 2**31 - 1)  # numpy takes twice as much, but fairseq adds the epoch

# The range of each option, by its name in the configuration; all others must be finite.
RANGES = {
    **dict.fromkeys(("seed", "fixed_validation_seed"), _SEED),
    **dict.fromkeys(
        (
            *("log_interval", "fp16_init_scale", "fp16_scale_window", "amp_init_scale"),
            *("amp_scale_window", "all_gather_list_size", "model_parallel_size"),
            *("distributed_world_size", "nprocs_per_node", "bucket_cap_mb"),
            *("max_tokens", "batch_size", "max_tokens_valid", "batch_size_valid"),
            *("required_batch_size_multiple", "required_seq_len_multiple", "validate_interval"),
            *("num_shards", "update_freq", "save_interval", "checkpoint_shard_count"),
            *("beam", "nbest", "softmax_batch", "tokens_per_sample", "max_positions"),
            *("max_source_positions", "max_target_positions"),
        ),
        _COUNT,
    ),
    **dict.fromkeys(
        (
            *("empty_cache_freq", "amp_batch_retries", "min_loss_scale", "data_buffer_size"),
            *("validate_interval_updates", "validate_after_updates", "max_valid_steps"),
            *("curriculum", "shard_id", "max_epoch", "max_update", "stop_time_hours"),
            *("clip_norm", "lr", "save_interval_updates", "weight_decay", "warmup_updates"),
            *("end_learning_rate", "power", "max_len_a", "max_len_b"),
            *("min_len", "prefix_size", "context_window", "buffer_size"),
        ),
        NOT_NEGATIVE,
    ),
    **dict.fromkeys(("adam_eps", "temperature", "threshold_loss_scale"), POSITIVE),
    **dict.fromkeys(
        (
            *("keep_interval_updates", "keep_interval_updates_pattern", "keep_last_epochs"),
            *("keep_best_checkpoints", "patience"),
        ),
        _LIMIT,
    ),
    "fp16_scale_tolerance": SHARE,
    "lenpen": between(-100, 100),  # an exponent of the length
    "num_workers": between(0, 1024),
}
# The range of an option of one kind of optimizer or scheduler.
OF_KINDS = {
    ("polynomial_decay", "total_num_update"): POSITIVE,
    ("inverse_sqrt", "warmup_updates"): _COUNT,
}
# The range of options of models, by the end of their names.
ENDINGS = {
    "dropout": SHARE,
    "layerdrop": SHARE,
    "embed_dim": _COUNT,
    "attention_heads": _COUNT,
    "coder_layers": NOT_NEGATIVE,
}

# Further numbers of models, by the end of their names.
SIZES = ("embedding_dim", "filter_widths", "filters", "hidden_size", "positions")


def check_configuration(cfg: DictConfig) -> None:
    """Looks at every number of a run's configuration, and at the texts that hold numbers.

    Raises:
        InputError: one is outside of its range; the message names its flag, value and range.
    """
    groups = OmegaConf.to_container(cfg, resolve=True)
    for group, values in groups.items():
        kind = _options(values).get("_name")
        for name, value in _numbers(values):
            _range(group, kind, name).check(flag(name), value)
    for name in ("lr", "update_freq"):
        if groups["optimization"][name] == []:
            raise InputError(f"{flag(name)} is empty; give a number, or leave it out")
    _check_heads(dict(_numbers(groups["model"])))
    _check_texts(groups)


def check_sizes(model: Any, task: Any) -> None:
    """Looks at the numbers that a checkpoint's model and the rows of its task are made of.

    Args:
        model: mapping or namespace of options; so is `task`.

    Raises:
        InputError: one is outside of its range; the message names its flag, value and range.
    """
    for name, value in _numbers(model):
        if name.endswith((*ENDINGS, *SIZES)):
            _range("model", None, name).check(flag(name), value)
    for name, value in _numbers(task):
        _range("task", None, name).check(flag(name), value)
    _check_heads(dict(_numbers(model)))


def flag(name: str) -> str:
    """The flag of an option, by its name in the configuration."""
    return f"--{name.replace('_', '-')}"


def _range(group: str, kind: str | None, name: str) -> Range:
    if group == "model":
        for ending, numbers in ENDINGS.items():
            if name.endswith(ending):
                return numbers
    return OF_KINDS.get((kind, name)) or RANGES.get(name, FINITE)


def _check_heads(model: dict[str, float]) -> None:
    """Raises InputError when the heads of an attention do not divide its width."""
    for name, heads in model.items():
        width = model.get(name.removesuffix("attention_heads") + "embed_dim")
        if name.endswith("_attention_heads") and width is not None and width % heads:
            raise InputError(
                f"{flag(name)} is {heads}, which does not divide the width of the model, {width}; "
                "give one that does"
            )


def _check_texts(groups: dict[str, Any]) -> None:
    """Raises InputError when a text that fairseq reads as a value has another form."""
    given = _options(groups["optimizer"]).get("adam_betas", (0.9, 0.999))
    betas = value_of(given)
    if not isinstance(betas, tuple | list) or len(betas) != 2 or not all(map(_is_beta, betas)):
        raise InputError(
            f"--adam-betas is {given!s:.40}, but must be two numbers, 0 or more and below 1, such as "
            "'(0.9, 0.98)'"
        )
    for group, name in (("checkpoint", "optimizer_overrides"), ("common_eval", "model_overrides")):
        if not isinstance(value_of(groups[group][name]), dict):
            raise InputError(
                f"{flag(name)} is {groups[group][name]!s:.40}, but must be a dictionary, such as "
                "\"{'name': 1}\""
            )
    if groups["common"]["use_plasma_view"]:
        raise InputError(
            "--use-plasma-view needs Plasma, which pyarrow no longer has; leave it out"
        )
    text = groups["interactive"]["input"]  # "-": standard input
    if text == "":
        raise InputError("--input is empty; give a file, or leave it out for standard input")
    if os.path.isfile(text) and not os.path.getsize(text):
        raise InputError(f"--input {text}: the file is empty; give one with a sentence a line")
    if groups["checkpoint"]["save_dir"] == "":
        raise InputError("--save-dir is empty; give a folder for the checkpoints")
    if _options(groups["task"]).get("data") == "":
        raise InputError("the data folder is an empty text; give its path")


def value_of(text: Any) -> Any:
    """The value of a text; None if it has none."""
    try:
        return ast.literal_eval(text) if isinstance(text, str) else text
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _is_beta(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value < 1


def _options(group: Any) -> dict[str, Any]:
    """The options of a group by their names; none of what is no group."""
    if isinstance(group, Namespace):
        return vars(group)
    return group if isinstance(group, dict) else {}


def _numbers(options: Any, prefix: str = "") -> Iterator[tuple[str, float]]:
    """The name and value of each number of a configuration, those of lists too."""
    for name, value in _options(options).items():
        yield from _numbers(value, f"{prefix}{name}_")
        for one in value if isinstance(value, list | tuple) else [value]:
            if isinstance(one, int | float) and not isinstance(one, bool):
                yield f"{prefix}{name}", one


def import_and_check(stock: Wrapper, common: Any) -> Any:
    """Imports what ``--user-dir`` names: with this, every binary begins its work.

    Raises:
        InputError: a number of its configuration is outside of its range.
    """
    stock(common)
    if isinstance(common, DictConfig):
        check_configuration(common._get_root())


def check_and_build(stock: Wrapper, trainer: Trainer, cfg: Any, *args: Any, **kwargs: Any) -> None:
    """Makes the trainer; fairseq-hydra-train has read the plug-in too late for the other check."""
    if isinstance(cfg, DictConfig):
        check_configuration(cfg)
    stock(trainer, cfg, *args, **kwargs)


def prepare() -> None:
    """Makes fairseq's binaries look at their numbers."""
    patch(utils, "import_user_module", import_and_check)
    patch(Trainer, "__init__", check_and_build)
