"""Bad inputs for every command, binary and file format: refused in one line, and nothing is left."""

from pathlib import Path

import pytest
from fuzz.entries import ENTRIES, EVALUATION, PREPARATION
from fuzz.entry import Entry
from fuzz.judge import ACCEPTED, HANG, LEFTOVER, TRACEBACK, UNCLEAR, faults
from fuzz.processes import REPOSITORY, Done

from data_prep.files.command_menu import read_commands

BINARIES = ("train", "validate", "generate", "interactive", "eval_lm")


def test_every_program_has_an_entry():
    commands = [
        f"{package}.{command.name}"
        for package in (PREPARATION, EVALUATION)
        for command in read_commands(Path(REPOSITORY, *package.split(".")), package)
    ]
    binaries = [f"fairseq_cli.{name}" for name in BINARIES]
    names = ("classify_text", "encode", "export", "import_encoder")
    others = [f"fairseq_cline.{name}" for name in names]
    expected = {*commands, *binaries, *others}
    assert {entry.module for entry in ENTRIES} == expected, "see tests/fuzz/entries.py"
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)


def test_valid_input_is_accepted_with_and_without_byte_order_marks(binaries):
    done = binaries.run("-m", "tests.fuzz", "--valid")
    assert done.returncode == 0, done.stdout + done.stderr


def test_bad_input_is_refused_in_one_line_and_nothing_is_left(binaries):
    done = binaries.run("-m", "tests.fuzz", "--cases", 300, "--seed", 1)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


REFUSED = "hits: error: in/a.pt: damaged; give another checkpoint\n"


@pytest.mark.parametrize(
    ("status", "errors", "kind"),
    [
        (1, REFUSED, None),
        (2, "usage: hits\nhits: error: argument --seed: invalid in/a.pt\n", None),
        (1, "reading\r" + REFUSED, None),
        (0, "", ACCEPTED),
        (None, "", HANG),
        (-11, "", TRACEBACK),
        (1, "Traceback (most recent call last):\nKeyError: 1\n", TRACEBACK),
        (1, "hits: error: damaged; give another checkpoint\n", UNCLEAR),  # which file?
        (1, "hits: error: in/a.pt: damaged\n", UNCLEAR),
        (1, REFUSED + "more\n", UNCLEAR),
        (1, "", UNCLEAR),
    ],
)
def test_a_run_is_judged(status, errors, kind):
    found = faults(Done(status, "", errors, 1.0), ["in/a.pt"], True, {}, {})
    assert [fault for fault, _ in found] == [kind] * (kind is not None)


@pytest.mark.parametrize(
    ("status", "after", "left"),
    [
        (0, {"in/a": "1", "out/b": "2"}, ""),
        (1, {"in/a": "1", "out/b": "2"}, "out/b"),
        (0, {"in/a": "2"}, "in/a changed"),
        (0, {"in/a": "1", "crash.pt": "2"}, "crash.pt"),
        (1, {"in/a": "1", "out/save": "folder"}, ""),
    ],
)
def test_leftovers_are_found(status, after, left):
    done = Done(status, "", REFUSED, 1.0)
    found = faults(done, ["in/a.pt"], False, {"in/a": "1"}, after)
    assert found == ([(LEFTOVER, left)] if left else [])


def test_an_entry_knows_its_inputs():
    entry = Entry("hits:x", "a=in/a.pt in/raw/train --data in/bin --json out/r.json")
    assert entry.module == "hits" and entry.inputs() == {"a.pt", "raw", "bin"}
