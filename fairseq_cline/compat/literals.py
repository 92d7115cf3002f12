"""Texts of a configuration as values, computed without ``eval``.

fairseq calls ``eval`` on options such as ``--adaptive-softmax-cutoff 20000,60000`` and
``--decoder-layers "[(512, 3)] * 20"``, which a checkpoint's configuration carries too. ``prepare``
gives every module of fairseq that does so the function below under the name ``eval``.
"""

import ast
import operator
import sys
from collections.abc import Callable
from typing import Any

from data_prep.errors import InputError

_OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Mult: operator.mul,
}
_SIGNS = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_MAX_CHARACTERS = 10_000
_MAX_ITEMS = 10_000  # of a list that is repeated: no layer is


def evaluate(text: str, *_: Any) -> Any:
    """The value of a text: numbers, strings, tuples, lists, dictionaries, and sums of lists.

    Takes the place of ``eval``: the arguments behind the text, names that it could use, are
    ignored.

    Raises:
        InputError: the text is something else; nothing of it is run.
        TypeError: it is no text, as ``eval`` says it.
    """
    if not isinstance(text, str):
        raise TypeError(f"evaluate() takes a text, not {type(text).__name__}")
    try:
        if len(text) > _MAX_CHARACTERS:
            raise ValueError("too long")
        return _value(ast.parse(text.strip(), mode="eval").body)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError) as error:
        raise InputError(
            f"{text[:60]!r} is no plain value (numbers, lists, tuples, such as [(512, 3)] * 20), and "
            "nothing else is evaluated; correct the option, or get the checkpoint from a source "
            "that you trust"
        ) from error


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Tuple(elts=items):
            return tuple(map(_value, items))
        case ast.List(elts=items):
            return [*map(_value, items)]
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {_value(key): _value(item) for key, item in zip(keys, values, strict=True)}
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _SIGNS:
            return _SIGNS[type(sign)](_value(operand))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATIONS:
            return _combined(_OPERATIONS[type(sign)], _value(left), _value(right))
    raise ValueError(f"no {type(node).__name__} here")


def _combined(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """A sum or product of plain values that cannot fill the memory."""
    lists = [part for part in (left, right) if isinstance(part, list)]
    numbers = [part for part in (left, right) if type(part) in (int, float)]
    if len(lists) + len(numbers) < 2 or (operation is operator.add and len(lists) == 1):
        raise ValueError("only numbers and lists are added and repeated")
    if len(lists) == 2 and operation is operator.mul:
        raise ValueError("two lists cannot be multiplied")
    if len(lists) == 1 and abs(numbers[0]) * max(1, len(lists[0])) > _MAX_ITEMS:
        raise ValueError("too many items")
    return operation(left, right)


def prepare() -> None:
    """Gives fairseq's modules ``evaluate`` for ``eval``; a name of the module comes first."""
    for name, module in [*sys.modules.items()]:
        if name.partition(".")[0] in ("fairseq", "fairseq_cli") and module is not None:
            module.eval = evaluate  # type: ignore[attr-defined]
