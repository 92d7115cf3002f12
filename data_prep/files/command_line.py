"""The frame of a command: its parser, and one line instead of a traceback for bad input."""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from typing import ParamSpec

from data_prep.errors import DownloadError, InputError, ResourceError

Arguments = ParamSpec("Arguments")


def command_parser(spec: ModuleSpec, description: str) -> argparse.ArgumentParser:
    """The parser of a module that is run as ``python -m``: ``command_parser(__spec__, __doc__)``.

    Args:
        spec: of the module; ``__name__`` is only ``__main__`` when it runs.
        description: shown by ``--help`` as it is written.
    """
    return argparse.ArgumentParser(
        prog=f"python -m {spec.name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def command(main: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Decorates the ``main`` of a command: what the user can repair ends it with one line.

    The line is ``<command>: error: <message>`` on standard error; the exit status is 1.
    """
    name = main.__globals__["__spec__"].name.rpartition(".")[2]

    @functools.wraps(main)
    def framed(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            main(*args, **kwargs)
        except (InputError, ResourceError, DownloadError, OSError) as error:
            print(f"{name}: error: {error}", file=sys.stderr)
            sys.exit(1)

    return framed


def check_at_least(least: float, **values: float) -> None:
    """Checks the values of options: ``check_at_least(1, batch_size=args.batch_size)``.

    Raises:
        InputError: one is smaller; the message has its flag.
    """
    for name, value in values.items():
        if not value >= least:
            raise InputError(f"--{name.replace('_', '-')} {value}: must be {least:g} or more")
