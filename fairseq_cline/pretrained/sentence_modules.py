"""The files by which sentence-transformers turns features of tokens into one vector."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data_prep.errors import InputError
from data_prep.files.name_lists import shortened
from fairseq_cline.pretrained.hub_json import read_hub_json

MODULES = "modules.json"
POOLING = "1_Pooling"
_SETTINGS = "sentence_bert_config.json"
_MODES = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean"}
_LIBRARY = "sentence_transformers"


@dataclass(frozen=True)
class SentenceModules:
    """The modules after the encoder."""

    feature: str = "cls"
    """Vector that stands for a sentence: cls or mean."""
    notes: list[str] = field(default_factory=list)


def read_modules(folder: Path, longest: int) -> SentenceModules:
    """Reads ``modules.json`` and the pooling; a folder without it has no modules.

    Args:
        longest: number of tokens that the encoder reads.

    Raises:
        InputError: a file is damaged, or a module cannot be carried over, which is named.
    """
    path = folder / MODULES
    if not path.exists():
        return SentenceModules()
    modules = read_hub_json(path)
    kinds = [_kind(path, module) for module in modules] if isinstance(modules, list) else []
    if not kinds or kinds[0] != "Transformer" or kinds.count("Transformer") != 1:
        raise InputError(
            f"{path}: does not begin with a Transformer; give a plain Hugging Face model"
        )
    others = [kind for kind in kinds[1:] if kind not in ("Pooling", "Normalize")]
    if others:
        raise InputError(
            f"{path}: has a module {shortened(others[0])} after the encoder, which cannot be "
            "carried over; give a model with pooling alone"
        )
    feature, notes = "cls", []
    if "Pooling" in kinds:
        feature = _pooling(folder / POOLING / "config.json")
        notes.append(f"sentence feature: {feature}, by {POOLING}")
    if "Normalize" in kinds:
        notes.append("left out: Normalize (cosines are the same; encode has --normalize)")
    limit = _limit(folder / _SETTINGS)
    if limit is not None and limit < longest:
        notes.append(f"left out: max_seq_length {limit} (texts are cut at {longest} tokens here)")
    return SentenceModules(feature, notes)


def _limit(path: Path) -> int | None:
    """The number of tokens that sentence-transformers cuts a text at, if a file says it."""
    content = read_hub_json(path) if path.exists() else None
    limit = content.get("max_seq_length") if isinstance(content, dict) else None
    return limit if isinstance(limit, int) and not isinstance(limit, bool) else None


def _kind(path: Path, module: Any) -> str:
    name = module.get("type") if isinstance(module, dict) else None
    if not isinstance(name, str):
        raise InputError(f"{path}: a module without a type; fetch the model again")
    return name.rpartition(".")[2] if name.startswith(_LIBRARY) else name


def _pooling(path: Path) -> str:
    content = read_hub_json(path)
    if not isinstance(content, dict):
        raise InputError(f"{path}: no configuration of a pooling; fetch the model again")
    if isinstance(content.get("pooling_mode"), str):
        chosen = [content["pooling_mode"]]
    else:
        chosen = [
            name
            for name, value in content.items()
            if name.startswith("pooling_mode_") and value is True
        ]
        chosen = [_MODES.get(name, name.removeprefix("pooling_mode_")) for name in chosen]
    if len(chosen) != 1 or chosen[0] not in _MODES.values():
        raise InputError(
            f"{path}: pools by {shortened(' and '.join(chosen) or 'nothing')}; give a model that "
            "takes cls or mean"
        )
    return chosen[0]


def write_modules(folder: Path, feature: str, channels: int, longest: int) -> None:
    """Writes the files of a model that pools the features of its tokens.

    Args:
        feature: cls or mean.
        channels: length of a vector.
        longest: number of tokens that it reads.
    """
    names = ("Transformer", "Pooling")
    paths = ("", POOLING)
    _write(
        folder / MODULES,
        [
            {"idx": number, "name": str(number), "path": path, "type": f"{_LIBRARY}.models.{name}"}
            for number, (name, path) in enumerate(zip(names, paths, strict=True))
        ],
    )
    (folder / POOLING).mkdir()
    pooling: dict[str, Any] = {"word_embedding_dimension": channels}
    pooling |= {mode: meaning == feature for mode, meaning in _MODES.items()}
    _write(folder / POOLING / "config.json", pooling)
    _write(folder / _SETTINGS, {"max_seq_length": longest, "do_lower_case": False})
    _write(folder / "config_sentence_transformers.json", {"similarity_fn_name": "cosine"})


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n")
