"""JSON of any origin: every text that is none, or that Python cannot hold, is one kind of error."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from data_prep.files.byte_order_marks import UTF_8

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def parse_json(text: str | bytes) -> Any:
    """The value of a JSON text; bytes are UTF-8, with or without a byte order mark.

    Raises:
        ValueError: it is no JSON, is nested too deeply, has a number that is not finite, or half a
            character, which no UTF-8 file can hold.
    """
    if isinstance(text, bytes):
        text = text.decode(UTF_8)
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("brackets nested too deeply") from error
    if _SURROGATE.search(text):
        json.dumps(value, ensure_ascii=False).encode()  # a UnicodeEncodeError if one has no partner
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"the number {digits:.20} is too large")
    return value
