"""JSON files of a Hugging Face folder."""

from pathlib import Path
from typing import Any

from data_prep.errors import InputError
from data_prep.files.inputs import read_bounded
from data_prep.files.json_values import parse_json

AGAIN = "fetch the model again"
_MOST_BYTES = 1 << 26


def read_hub_json(path: Path) -> Any:
    """The content of a JSON file of a downloaded model.

    Raises:
        InputError: it cannot be read, is too large, or is no JSON.
    """
    content = read_bounded(path, _MOST_BYTES)
    try:
        return parse_json(content)
    except ValueError as error:
        raise InputError(f"{path}: no JSON ({error}); {AGAIN}") from error
