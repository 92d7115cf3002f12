"""Help of every command: how it is called, what each option means and defaults to, an example."""

import os
import re
import shlex
import subprocess
import sys
from argparse import Action
from importlib import import_module

import pytest
from binaries import ENVIRONMENT, REPOSITORY
from command_parsers import COMMANDS, arguments_of, options_of, parser_of

# Defaults that help tells in other words than Python.
TOLD_IN_WORDS = {
    "data_prep.invariance_set --kinds": "all",
    "data_prep.make_triplets --shard": "0/1",
    "fairseq_cline.evaluation.confused_pairs --distance": "the paper's 5",
}


def told_default(action: Action) -> str:
    """The default that help tells; "" if it tells none."""
    found = re.search(r"\bdefault[^:)]*: ([^;,)]+)", help_of(action))
    return found[1] if found else ""


def help_of(action: Action) -> str:
    return (action.help or "") % {**vars(action), "prog": ""}


def typed(value: object) -> str:
    """A default as it is typed."""
    if isinstance(value, list | tuple):
        return " ".join(map(typed, value))
    return f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)


@pytest.mark.parametrize("name", COMMANDS)
def test_usage_names_what_is_typed(name):
    assert parser_of(name).format_usage().split()[:4] == ["usage:", "python", "-m", name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained_with_its_default(name):
    for action in arguments_of(name):
        assert action.help, action.dest
    for flag, action in options_of(name).items():
        assert action.help, f"{flag} is not explained"
        if action.nargs != 0 and action.default not in (None, "", []):
            expected = {typed(action.default), str(action.default)}
            expected |= {TOLD_IN_WORDS.get(f"{name} {flag}", typed(action.default))}
            assert told_default(action) in expected, f"{flag}: {action.default}"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_in_the_description_is_one(name):
    command = COMMANDS[name]
    words = shlex.split(command.example.partition(" #")[0])
    assert words[:3] == ["python", "-m", name]
    assert command.example.split()[2] in parser_of(name).description
    line = [word for word in words[3:] if word not in (">", "...")]
    while "<" in line:
        del line[line.index("<") :]
    assert parser_of(name).parse_args(line)


@pytest.mark.parametrize("name", COMMANDS)
def test_errors_and_ctrl_c_are_one_line_in_every_command(name):
    """The frame does it; its own tests say how."""
    main = import_module(name).main
    assert main.__wrapped__.__module__ == name, f"{name}: decorate main with @command"


@pytest.mark.binaries
@pytest.mark.parametrize("name", ["data_prep.make_triplets", "fairseq_cline.evaluation.hits"])
def test_nothing_but_help_is_printed(name):
    """Both import fairseq, which would advise to install a package."""
    done = subprocess.run(
        [sys.executable, "-m", name, "--help"],
        cwd=REPOSITORY,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout.startswith(f"usage: python -m {name} ")
