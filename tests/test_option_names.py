"""One vocabulary for the options of all commands: one name a thing, one thing a name."""

import argparse
import re
from collections import defaultdict

import pytest
from command_parsers import COMMANDS, ROOT, arguments_of, options_of

from data_prep.files.option_numbers import seed

# Meaning of an option -> its name in every command.
NAMES = {
    "the folder to make": "--destdir",
    "a file to write": "--output",
    "a figure to write": "--plot",
    "a seed": "--seed",
    "a number of processes": "--workers",
    "no GPU": "--cpu",
    "the results as JSON": "--json",
    "at most so many examples": "--limit",
}
# A second figure, and what it draws of it.
SECOND = {"a figure to write": {"--tsne"}, "at most so many examples": {"--tsne-limit"}}
# Other names that one might give these things.
REFUSED = {
    *("--out", "--outdir", "--out-dir", "--output-dir", "--save-dir", "--folder", "--file"),
    *("--out-file", "--output-file", "--figure", "--png", "--histogram", "--random-seed"),
    *("--processes", "--jobs", "--num-workers", "--no-cuda", "--no-gpu", "--device"),
    *("--sentences", "--examples-limit", "--max-examples", "--num-examples", "--sample", "--count"),
    *("--samples", "--n", "--number", "--pairs-limit", "--json-file", "--results"),
}
# In data_prep a switch, for a dictionary of words; in evaluation.neighbours the words themselves.
TWO_KINDS = {"--words"}


def meaning(action: argparse.Action) -> str | None:
    """The thing of ``NAMES`` that an option or argument is, by what its parser says."""
    told = action.help or ""
    if re.match(r"the (folder|data-bin) to make", told):
        return "the folder to make"
    if action.metavar == "FILE.png":
        return "a figure to write"
    if action.type is seed:
        return "a seed"
    for beginning, thing in {
        "processes": "a number of processes",
        "do not use a GPU": "no GPU",
        "write the results here, with what": "the results as JSON",
    }.items():
        if told.startswith(beginning):
            return thing
    return "a file to write" if told.endswith(" to write") else None


@pytest.mark.parametrize("name", COMMANDS)
def test_one_name_a_thing(name):
    for flag, action in options_of(name).items():
        thing = meaning(action)
        if thing:
            assert flag in {NAMES[thing], *SECOND.get(thing, ())}, f"{flag} is {thing}"
    for action in arguments_of(name):
        assert meaning(action) is None, f"{action.dest} is {meaning(action)}; make it an option"
    assert not REFUSED & set(options_of(name))


def kind(action: argparse.Action) -> str:
    """A switch, a number, or a text."""
    if action.nargs == 0:
        return "switch"
    is_number = action.type in (int, float, seed) or isinstance(action.default, int | float)
    is_whole = getattr(action.type, "__qualname__", "").startswith("whole_number.")
    return "number" if is_number or is_whole else "text"


def test_one_kind_of_value_a_name():
    kinds = defaultdict(lambda: defaultdict(list))
    for name in COMMANDS:
        for flag, action in options_of(name).items():
            kinds[flag][kind(action)].append(name)
    mixed = {flag: dict(of) for flag, of in kinds.items() if len(of) > 1}
    assert set(mixed) == TWO_KINDS, mixed
    assert set(kinds["--limit"]) == set(kinds["--workers"]) == {"number"}


def commands_of_recipes():
    """File, command and flags of every call of a command in a recipe."""
    names = {name.rpartition(".")[2]: name for name in COMMANDS}
    for path in sorted((ROOT / "run").rglob("*.s*h")):
        text = re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8"))
        for line in text.splitlines():
            words = line.split()
            if line.lstrip().startswith("#") or not {"-m", "evaluate"} & {*words}:
                continue
            for place, word in enumerate(words):
                name = names.get(word, word)
                if name in COMMANDS:
                    flags = [word.partition("=")[0] for word in words[place:]]
                    yield path.name, name, [flag for flag in flags if re.match(r"--\w", flag)]
                    break


def test_recipes_give_options_that_are_there():
    found = [*commands_of_recipes()]
    assert len({name for _, name, _ in found}) > 15
    for recipe, name, flags in found:
        options, given = options_of(name), {flag.rstrip(");") for flag in flags}
        assert given <= options.keys(), f"{recipe}: {name} has no {given - options.keys()}"
        written = {flag for flag in ("--destdir", "--output") if flag in options}
        needed = {flag for flag in written if options[flag].required}
        assert needed <= given, f"{recipe}: {name} needs {needed}"
