"""The menu of a folder of commands, read from their docstrings: no command is imported."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_WHEN_RUN = "\nif __" + 'name__ == "__main__":'  # in the source of commands, not of this file


@dataclass(frozen=True)
class Command:
    """A command as its docstring presents it."""

    name: str
    summary: str
    """First line of the docstring."""
    example: str
    """First call of the command in the docstring, on one line; "" if it shows none."""
    docstring: str
    """The whole docstring."""


def read_commands(folder: Path, package: str) -> Iterator[Command]:
    """The commands of a package, by name: its files that ``python -m`` runs.

    Args:
        folder: of the package.
        package: its full name, as ``python -m`` takes it.
    """
    for path in sorted(folder.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        if path.stem != "__main__" and _WHEN_RUN in source:
            docstring = ast.get_docstring(ast.parse(source)) or ""
            joined = re.sub(r"\s*\\\n\s*", " ", docstring)
            call = re.search(rf"^ +(python -m {package}\.{path.stem} .+)$", joined, re.MULTILINE)
            summary = docstring.partition("\n")[0].replace("``", "")
            yield Command(path.stem, summary, call[1] if call else "", docstring)


def menu(
    folder: Path,
    package: str,
    examples: bool = False,
    note: Callable[[Command], str] = lambda command: "",
) -> str:
    """The commands of a package, a line each.

    Args:
        folder: of the package.
        package: its full name, as ``python -m`` takes it.
        examples: show under each command how it is called.
        note: gives the words behind the summary of a command.
    """
    commands = [*read_commands(folder, package)]
    width = max(len(command.name) for command in commands)
    lines = [f"python -m {package}.COMMAND --help tells more. The commands:", ""]
    for command in commands:
        lines.append(f"{command.name:<{width}}  {command.summary} {note(command)}".rstrip())
        if examples and command.example:
            lines.append(f"{'':<{width}}  {command.example}")
    return "\n".join(lines)


def check_words(words: Sequence[str], folder: Path, package: str) -> None:
    """Ends the process with one line if words follow the name of a package, which take a dot.

    Args:
        words: of the command line, behind ``python -m PACKAGE``; ``--help`` is the menu.
        folder: of the package.
        package: its full name.
    """
    if words and words[0] not in ("-h", "--help"):
        known = words[0] in {command.name for command in read_commands(folder, package)}
        remedy = f"run: python -m {package}.{words[0]}" if known else "without it all are listed"
        sys.exit(f"{package}: error: {words[0]!r} is no option; {remedy}")
