"""Options of fairseq's binaries that are tried: all of the plug-in's, and some stock ones."""

import typing
from dataclasses import fields
from enum import Enum
from itertools import pairwise

from fairseq.criterions import CRITERION_DATACLASS_REGISTRY
from fairseq.models import ARCH_MODEL_NAME_REGISTRY, MODEL_DATACLASS_REGISTRY
from fairseq.tasks import TASK_DATACLASS_REGISTRY

STOCK = {
    "--update-freq": "int",
    "--seed": "int",
    "--lr": "float",
    "--max-update": "limit",
    "--batch-size": "int",
    "--clip-norm": "float",
    "--save-dir": "text",
    "--restore-file": "text",
    "--optimizer": "choice",
    "--arch": "choice",
    "--criterion": "choice",
    "--task": "choice",
}
ENCODER = {"--dropout": "float", "--attention-dropout": "float", "--max-positions": "int"}
USE = {"--path": "text", "--batch-size": "int", "--task": "choice", "--max-tokens": "int"}
OF_A_BINARY = {
    "eval_lm": {"--gen-subset": "text", "--context-window": "int", "--tokens-per-sample": "int"},
    "validate": {"--valid-subset": "text"},
    "generate": {"--gen-subset": "text", "--beam": "int", "--lenpen": "float"},
    "interactive": {"--input": "text", "--beam": "int", "--buffer-size": "int"},
}


def binary_options(module: str, words: list[str]) -> dict[str, str]:
    """Flag -> kind of its value (a key of ``VALUES``), of a command line of a binary."""
    binary = module.rpartition(".")[2]
    if binary != "train":
        return USE | OF_A_BINARY[binary]
    given = dict(pairwise(words))
    model = ARCH_MODEL_NAME_REGISTRY[given["--arch"]]
    classes = (
        TASK_DATACLASS_REGISTRY.get(given["--task"]),
        CRITERION_DATACLASS_REGISTRY.get(given["--criterion"]),
        MODEL_DATACLASS_REGISTRY.get(model),
    )
    of_parts = {flag: kind for part in classes for flag, kind in _plugin_fields(part).items()}
    encoder = ENCODER if model.endswith("roberta") else {}
    # A task may name a stock option too, as --max-update.
    return STOCK | encoder | of_parts | STOCK


def _plugin_fields(part: type | None) -> dict[str, str]:
    """The options that a class of the plug-in adds to those of fairseq."""
    ours = {
        name
        for base in (part.__mro__ if part else ())
        if base.__module__.startswith("fairseq_cline")
        for name in vars(base).get("__annotations__", {})
    }
    return {
        "--" + field.name.replace("_", "-"): _kind(field.type)
        for field in (fields(part) if part else ())
        if field.name in ours and field.type is not bool and field.name != "data"
    }


def _kind(annotation: object) -> str:
    kinds = typing.get_args(annotation) or (annotation,)
    for kind in kinds:
        if kind in (int, float):
            return kind.__name__
        if isinstance(kind, type) and issubclass(kind, Enum):
            return "choice"
    return "text"
