"""Bad values of options: which there are for each kind of option, and whether one may pass."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import NamedTuple

from fairseq_cline.console.describe_commands import parser_of

LONG = "9" * 30
ANY_FOLDER = ("--save-dir",)  # fairseq-train may write into a folder that is there
INPUT = "the input"  # stands for the first input on the command line
# Kind of an option -> value -> whether it must be refused.
VALUES: Mapping[str, Mapping[str, bool]] = {
    "int": {
        "": True, "text": True, "nan": True, "1.5": True, "1e20": True,
        "-1": False, "0": False, "0x10": False, LONG: False,
    },
    # Without one a training has no end.
    "limit": {"": True, "text": True, "nan": True, "1.5": True, "1e20": True, LONG: False},
    "float": {
        "": True, "text": True, "1,5": True, "nan": True, "-1": False, "0": False, "1e20": False,
        "inf": False, "-inf": False, "1e-400": False,
    },
    "choice": {"": True, "no-such-choice": True, "-1": True, "../..": True},
    "text": {"": False, "7": False, "no/such/thing": False, "x" * 5000: False, "é\u200b": False},
    "input": {
        "": True, "7": True, "in/absent": True, "in/absent/file": True, "in": False,
        "/dev/null": False, "x" * 5000: True, "file/x": True,
    },
    "output": {
        "": True, ".": True, "in": True, "file/x": True, "full": True, "x" * 5000: True,
        "/proc/none/x": True, INPUT: True, "out/some/where": False,
    },
}  # fmt: skip


class Change(NamedTuple):
    """A command line with a bad value."""

    words: list[str]
    description: str
    subjects: list[str]
    """Texts of which a message names one."""
    must_refuse: bool
    value: str = ""
    """The bad value."""


def change_option(
    words: list[str], options: Mapping[str, str], fixed: tuple[str, ...], rng: Random
) -> Change:
    """Gives an option, or a path of the command line, a bad value.

    Args:
        words: a valid command line, the module first.
        options: flag -> kind, as the keys of ``VALUES``.
        fixed: flags that stay as they are.
    """
    paths = [
        place
        for place, word in enumerate(words)
        if _path_kind(word) and words[place - 1] not in (*fixed, *ANY_FOLDER)
    ]
    flags = [flag for flag in options if flag not in fixed]
    if paths and (not flags or rng.random() < 0.3):
        place = rng.choice(paths)
        return _change_path(words, place, rng)
    flag = rng.choice(flags) if flags else "--no-such-flag"
    kind = options.get(flag, "text")
    if rng.random() < 0.1:
        return Change([*words, flag], f"{flag} without a value", [flag], True)
    value, refused = rng.choice([*VALUES[kind].items()])
    return _with_value(words, flag, value, refused)


def _with_value(words: list[str], flag: str, value: str, refused: bool) -> Change:
    """The command line with another value of a flag, the last of it where it has several."""
    new = [*words]
    if flag in new:
        place = new.index(flag) + 1
        while place < len(new) and not new[place].startswith("-"):
            del new[place]
        del new[place - 1]
    new += [f"{flag}={value}"]
    return Change(new, f"{flag} {value!r:.30}", _subjects(flag, value), refused, value)


def _subjects(flag: str, value: str) -> list[str]:
    """The names that a message may have of a value; nothing has no name."""
    parts = value[:40], value.split("/")[-1][:40], value.rpartition("/")[0][:40]
    return [name for name in (flag, *parts) if name] if value else []


def _path_kind(word: str) -> str:
    kinds = {"in": "input", "out": "output"}
    return kinds.get(word.rpartition("=")[2].split("/")[0], "")


def _change_path(words: list[str], place: int, rng: Random) -> Change:
    kind = _path_kind(words[place])
    value, refused = rng.choice([*VALUES[kind].items()])
    inputs = [word for word in words if _path_kind(word) == "input"]
    if value == INPUT:
        value = inputs[0].rpartition("=")[2] if inputs else "."
    if value == "in" and not inputs:
        value = "."  # an empty folder is as good as none
    name, mark, _ = words[place].rpartition("=")
    before = words[place - 1]
    flag = before if before.startswith("-") else ""
    changed = [*words[:place], name + mark + value, *words[place + 1 :]]
    return Change(
        changed, f"{words[place]} became {value!r:.30}", _subjects(flag, value), refused, value
    )


def parser_options(module: str) -> dict[str, str]:
    """The options of a command, read from its parser: flag -> kind."""
    return {
        action.option_strings[-1]: _kind(action)
        for action in parser_of(module)._actions
        if action.option_strings and action.nargs != 0
    }


def _kind(action: argparse.Action) -> str:
    """The kind of an option; one with a type of its own is taken for a whole number."""
    if action.choices:
        return "choice"
    if action.type is float or isinstance(action.default, float):
        return "float"
    return "text" if action.type in (None, str, Path) else "int"


if __name__ == "__main__":
    print(json.dumps(parser_options(sys.argv[1])))
