"""Writes ``commands.json``, after an option of a command has changed.

python -m fairseq_cline.console.describe_commands
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from importlib import import_module
from unittest import mock

from data_prep.files.command_menu import read_commands
from data_prep.files.whole import write_text
from fairseq_cline.console.stored_commands import PACKAGES, PATH, Option, StoredCommand

COLUMNS = 100  # of the stored help
_ROOT = PATH.parents[2]
_MANY = 40  # choices; more help nobody who completes a word


class _Parsed(BaseException):
    """Carries the parser of a command out of it, past what handles its errors."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.parser = parser


def parser_of(module: str) -> argparse.ArgumentParser:
    """The parser of a command, taken where it would parse its words.

    Args:
        module: that of the command, by its full name.
    """

    def caught(parser: argparse.ArgumentParser, *_: object) -> None:
        raise _Parsed(parser)

    with mock.patch.object(argparse.ArgumentParser, "parse_args", caught):
        try:
            import_module(module).main([])
        except _Parsed as found:
            return found.parser
    raise AssertionError(f"{module} has no parser")


def describe_commands() -> str:
    """The content of ``commands.json``."""
    with mock.patch.dict(os.environ, COLUMNS=str(COLUMNS)):
        commands = [
            _describe(package, command.name, command.summary)
            for package in PACKAGES
            for command in read_commands(_ROOT.joinpath(*package.split(".")), package)
        ]
    named = {command.name: asdict(command) for command in commands}
    if len(named) < len(commands):
        raise ValueError("two commands have one name")
    for fields in named.values():
        del fields["name"]
    return json.dumps(named, indent=1, ensure_ascii=False) + "\n"


def _describe(package: str, name: str, summary: str) -> StoredCommand:
    parser = parser_of(f"{package}.{name}")
    parser.prog = f"fairseq-cline {name}"
    options = [_option(parser, action) for action in parser._actions if action.option_strings]
    return StoredCommand(name, package, summary, parser.format_help(), options)


def _option(parser: argparse.ArgumentParser, action: argparse.Action) -> Option:
    text = parser._get_formatter()._expand_help(action) if action.help else ""
    choices = [*map(str, action.choices or ())]
    return Option(
        flags=[*action.option_strings],
        summary=text.partition(";")[0].partition(" (")[0],
        takes_value=action.nargs != 0,
        choices=choices if len(choices) <= _MANY else [],
    )


if __name__ == "__main__":
    write_text(PATH, describe_commands())
