"""How fairseq's binaries read their options: a text that is no number is named with its flag."""

from argparse import ArgumentParser, Namespace
from dataclasses import fields, is_dataclass
from typing import Any

from fairseq import options
from fairseq.dataclass import utils as configurations
from fairseq.dataclass.utils import interpret_dc_type

from data_prep.errors import InputError
from fairseq_cline.compat.patching import Wrapper, patch
from fairseq_cline.compat.stock_options import flag, value_of
from fairseq_cline.option_ranges import FINITE


def parse_with_task(stock: Wrapper, parser: ArgumentParser, *args: Any, **kwargs: Any) -> Any:
    """Parses the arguments of a binary.

    Raises:
        InputError: a binary that cannot guess the task has got none.
    """
    try:
        return stock(parser, *args, **kwargs)
    except KeyError as error:
        if error.args != (None,):
            raise
        raise InputError("--task is missing; give that of the training") from error
    except OverflowError as error:
        raise InputError("a number among the options is too large; give a smaller one") from error


def read_values(stock: Wrapper, node: str, kind: type, args: Namespace) -> list[str]:
    """Reads the values of a part of the configuration.

    Raises:
        InputError: a text among them is no number; the message names its flag.
    """
    for field in fields(kind) if is_dataclass(kind) else ():
        text = getattr(args, field.name, None)
        if not isinstance(text, str) or text == "None" or text.startswith("${"):
            continue
        if interpret_dc_type(field.type) in (int, float):
            number = value_of(text)
            if not isinstance(number, int | float):
                raise InputError(f"{flag(field.name)} is {text!r:.40}, but must be a number")
            FINITE.check(flag(field.name), number)
    return stock(node, kind, args)


def whole_numbers(stock: Wrapper, values: Any, kind: type = float) -> list | None:
    """Reads numbers of an option; fairseq would cut 1.5 to 1 where it wants whole ones.

    Raises:
        InputError: a number is no whole one; argparse puts the flag before it.
    """
    numbers = stock(values, float if kind is int else kind)
    if kind is int and numbers is not None:
        if not all(map(float.is_integer, numbers)):
            raise InputError(f"{values!s:.40} is no whole number; give one")
        return stock(values, int)
    return numbers


def prepare() -> None:
    """Makes fairseq's binaries read their options in this way."""
    patch(options, "parse_args_and_arch", parse_with_task)
    patch(configurations, "_override_attr", read_values)
    patch(configurations, "eval_str_list", whole_numbers)
