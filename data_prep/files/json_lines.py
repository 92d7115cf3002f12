"""Data sets that are published as a JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from data_prep.errors import InputError
from data_prep.files.json_values import parse_json
from data_prep.files.lines import read_lines


def read_objects(path: Path, keys: Mapping[str, type]) -> Iterator[list[Any]]:
    """The values of some keys of each object, line by line.

    Args:
        keys: their names, each with the type of its value.

    Raises:
        InputError: a line has another form.
    """
    with closing(read_lines(path, path.name, newline="\n")) as lines:
        for number, line in enumerate(lines, 1):
            try:
                found = parse_json(line)
                values = [found[key] for key in keys]
                fits = all(map(isinstance, values, keys.values()))
            except (ValueError, KeyError, TypeError):
                fits = False
            if not fits:
                raise InputError(
                    f"{path}, line {number}: not an object with {', '.join(keys)}; "
                    "fetch the file again"
                )
            yield values
