"""The parser of every command of both packages, made as the command makes it."""

import argparse
import functools
import importlib
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from data_prep.files.command_menu import Command, read_commands

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("data_prep", "fairseq_cline", "fairseq_cline.evaluation")


class _Parser(BaseException):
    """Carries a parser out of a command that has made it."""


def commands() -> Iterator[tuple[str, Command]]:
    """The full name of every command, and what its docstring says."""
    for package in PACKAGES:
        for command in read_commands(ROOT.joinpath(*package.split(".")), package):
            yield f"{package}.{command.name}", command


COMMANDS = dict(commands())


@functools.cache
def parser_of(name: str) -> argparse.ArgumentParser:
    """The parser of a command, by its full name."""

    def stop(parser: argparse.ArgumentParser, *_: object) -> None:
        raise _Parser(parser)

    with mock.patch.object(argparse.ArgumentParser, "parse_args", stop):
        try:
            importlib.import_module(name).main([])
        except _Parser as found:
            return found.args[0]
    raise AssertionError(f"{name} has no parser")


def options_of(name: str) -> dict[str, argparse.Action]:
    """The options of a command by their flags."""
    return {
        action.option_strings[-1]: action
        for action in parser_of(name)._actions
        if action.option_strings and action.dest != "help"
    }


def arguments_of(name: str) -> list[argparse.Action]:
    """The positional arguments of a command."""
    return [action for action in parser_of(name)._actions if not action.option_strings]
