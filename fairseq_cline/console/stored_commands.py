"""Commands with their help and options, stored: neither help nor completion waits for torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

PATH = Path(__file__).parent / "commands.json"
# Package -> its heading in the menu.
PACKAGES = {
    "data_prep": "Data",
    "fairseq_cline": "Encoders, and plain text in",
    "fairseq_cline.evaluation": "Evaluation",
}


@dataclass(frozen=True)
class Option:
    """An option of a command."""

    flags: list[str]
    summary: str
    """The first words of its help."""
    takes_value: bool
    choices: list[str]
    """All values that it takes, if they are few words."""


@dataclass(frozen=True)
class StoredCommand:
    """A command as the menu, ``--help`` and the shells show it."""

    name: str
    package: str
    summary: str
    help: str
    options: list[Option]

    @property
    def module(self) -> str:
        """The module that ``python -m`` runs."""
        return f"{self.package}.{self.name}"


def stored_commands() -> dict[str, StoredCommand]:
    """Reads all commands, by name, in the order of the menu."""
    found = {}
    for name, fields in json.loads(PATH.read_text(encoding="utf-8")).items():
        options = [Option(**option) for option in fields.pop("options")]
        found[name] = StoredCommand(name=name, options=options, **fields)
    return found
