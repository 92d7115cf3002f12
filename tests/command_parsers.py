"""The parser of every command of both packages, made as the command makes it."""

import argparse
import functools
from collections.abc import Iterator
from pathlib import Path

from data_prep.files.command_menu import Command, read_commands
from fairseq_cline.console import describe_commands
from fairseq_cline.console.stored_commands import PACKAGES

ROOT = Path(__file__).resolve().parents[1]


def commands() -> Iterator[tuple[str, Command]]:
    """The full name of every command, and what its docstring says."""
    for package in PACKAGES:
        for command in read_commands(ROOT.joinpath(*package.split(".")), package):
            yield f"{package}.{command.name}", command


COMMANDS = dict(commands())


parser_of = functools.cache(describe_commands.parser_of)


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
