"""Checkpoints with a right zip archive and an odd or hostile content."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import torch
from fuzz.mutations import VALUES, Mutation, places

HOSTILE = (
    "__import__('os').system('touch ran')",
    "open('ran', 'w')",
    "$(touch ran)",
    "../../../../etc/passwd",
    "[0]*10**9",
)


def _rewrite(path: Path, change: Callable[[dict[str, Any]], tuple[Any, str]]) -> str:
    content, words = change(torch.load(path, weights_only=True))
    torch.save(content, path)
    return words


def _tensor_name(state: dict[str, Any], rng: Random) -> str:
    names = [name for name, value in state["model"].items() if value.is_floating_point()]
    return rng.choice(names)


def odd_whole(path: Path, rng: Random) -> str:
    """Leaves out what every checkpoint has, or puts something else in its place."""
    kinds: dict[str, Callable[[dict[str, Any]], Any]] = {
        "a list": lambda state: [state],
        "a tensor": lambda state: torch.zeros(3),
        "only the weights": lambda state: state["model"],
        "no model": lambda state: {key: state[key] for key in state if key != "model"},
        "a model that is a list": lambda state: state | {"model": [*state["model"].values()]},
    }
    kind = rng.choice([*kinds])
    return _rewrite(path, lambda state: (kinds[kind](state), kind))


def odd_configuration(path: Path, rng: Random) -> str:
    """Leaves the weights as they are, which may be all that a training needs."""
    kinds: dict[str, Callable[[dict[str, Any]], Any]] = {
        "only the model": lambda state: {"model": state["model"]},
        "no cfg": lambda state: {key: state[key] for key in state if key != "cfg"},
        "an empty cfg": lambda state: state | {"cfg": {}},
        "a cfg that is a text": lambda state: state | {"cfg": "cfg"},
        "a cfg of the task only": lambda state: state | {"cfg": {"task": state["cfg"]["task"]}},
    }
    kind = rng.choice([*kinds])
    return _rewrite(path, lambda state: (kinds[kind](state), kind))


def not_finite(path: Path, rng: Random) -> str:
    def change(state: dict[str, Any]) -> tuple[Any, str]:
        name = _tensor_name(state, rng)
        value = rng.choice((float("nan"), float("inf")))
        state["model"][name].view(-1)[-1] = value
        return state, f"{value} in {name}"

    return _rewrite(path, change)


def odd_tensor(path: Path, rng: Random) -> str:
    def change(state: dict[str, Any]) -> tuple[Any, str]:
        name = _tensor_name(state, rng)
        value = state["model"].pop(name)
        kinds = {
            "left out": None,
            "of another shape": torch.cat([value.flatten(), value.flatten()]),
            "a number": 7,
            "of whole numbers": value.flatten()[:1].long(),
        }
        kind = rng.choice([*kinds])
        if kinds[kind] is not None:
            state["model"][name] = kinds[kind]
        return state, f"{name} {kind}"

    return _rewrite(path, change)


def odd_setting(path: Path, rng: Random) -> str:
    """Gives a setting of the configuration a value of another type, or a hostile text."""

    def change(state: dict[str, Any]) -> tuple[Any, str]:
        container, key, name = rng.choice([*places(state["cfg"], "cfg")])
        value = rng.choice(HOSTILE if rng.random() < 0.5 else VALUES)
        container[key] = value
        return state, f"{value!r:.30} as {name}"

    return _rewrite(path, change)


CONTENT = (
    Mutation("odd content", odd_whole, True, resealed=True),
    Mutation("odd configuration", odd_configuration, False, resealed=True),
    Mutation("not finite", not_finite, True, resealed=True),
    Mutation("odd tensor", odd_tensor, True, resealed=True),
    Mutation("odd setting", odd_setting, False, resealed=True),
    Mutation("odd setting", odd_setting, False, resealed=True),
)
