"""The weights in a folder of Hugging Face's form, read without running or opening what it names."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from data_prep.errors import InputError
from data_prep.files.inputs import check_readable
from fairseq_cline.compat.checkpoint_content import all_finite, is_plain
from fairseq_cline.compat.checkpoints import read_pickle
from fairseq_cline.pretrained.hub_json import AGAIN, read_hub_json

WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_PICKLE = "pytorch_model.bin"
_SHARD = re.compile(r"[\w.-]{1,200}\.safetensors", re.ASCII)


def read_weights(folder: Path) -> dict[str, Tensor]:
    """The weights of a model in float32, by their names; those that are whole numbers as they are.

    Raises:
        InputError: there is no file of weights; one is truncated, damaged or no such file; or a
            number in it is not finite.
    """
    weights: dict[str, Tensor] = {}
    for path, names in _files(folder).items():
        found = _read_pickle(path) if path.name == _PICKLE else _read_safetensors(path)
        if names is not None and names - found.keys():
            raise InputError(f"{path}: lacks {min(names - found.keys()):.80}; {AGAIN}")
        weights |= found
        for name, weight in found.items():
            if not all_finite(weight):
                raise InputError(f"{path}: the numbers of {name:.80} are not all finite; {AGAIN}")
    return {
        name: weight.float() if weight.is_floating_point() else weight
        for name, weight in weights.items()
    }


def _files(folder: Path) -> dict[Path, set[str] | None]:
    """The files of weights, and which weights an index asks of each."""
    if (folder / WEIGHTS).exists():
        return {folder / WEIGHTS: None}
    if (folder / _INDEX).exists():
        return dict(_shards(folder))
    if (folder / _PICKLE).exists():
        return {folder / _PICKLE: None}
    raise InputError(
        f"{folder}: has no {WEIGHTS}, {_INDEX} or {_PICKLE}; give the folder of a Hugging Face model"
    )


def _shards(folder: Path) -> Iterator[tuple[Path, set[str]]]:
    path = folder / _INDEX
    content = read_hub_json(path)
    places = content.get("weight_map") if isinstance(content, dict) else None
    if not isinstance(places, dict) or not places:
        raise InputError(f"{path}: has no weight_map; {AGAIN}")
    for file in dict.fromkeys(map(_plain_name, places.values())):
        if file is None:
            odd = next(name for name in places.values() if _plain_name(name) is None)
            raise InputError(
                f"{path}: names the file {odd!r:.60}, wanted one in its folder that ends in "
                f".safetensors; {AGAIN}"
            )
        yield folder / file, {name for name, place in places.items() if place == file}


def _plain_name(name: Any) -> str | None:
    return name if isinstance(name, str) and _SHARD.fullmatch(name) else None


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    check_readable(path)
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: truncated or damaged ({reason:.80}); {AGAIN}") from error


def _read_pickle(path: Path) -> dict[str, Tensor]:
    content = read_pickle(str(path))
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds a {type(content).__name__} and no weights; {AGAIN}")
    for name, weight in content.items():
        if not isinstance(name, str) or not is_plain(weight):
            raise InputError(f"{path}: {name!s:.60} in it is no plain weight; {AGAIN}")
    return {name: weight.detach() for name, weight in content.items()}
