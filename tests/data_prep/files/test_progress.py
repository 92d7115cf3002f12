"""Bars: carriage returns on a terminal alone, lines with rate and time left elsewhere."""

import ast
import os
import pty
import re
import sys
import termios
from pathlib import Path

import pytest

from data_prep.files import progress
from data_prep.files.progress import Bar

ROOT = Path(__file__).resolve().parents[3]
LINE = re.compile(r"(\w+): (\d+)% (\S+)/(\S+) \[\d\d:\d\d gone, \d\d:\d\d left, +\S+ ?\S+/s\]")


@pytest.fixture
def often(monkeypatch):
    """A line of the log for every step."""
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)


def test_a_log_has_lines_with_rate_and_time_left(often, capsys):
    with Bar(total=4, desc="reading", unit=" files") as bar:
        for _ in range(4):
            bar.update()
    lines = capsys.readouterr().err
    assert "\r" not in lines
    found = [LINE.fullmatch(line) for line in lines.splitlines()]
    assert [match and match[2] for match in found] == ["25", "50", "75", "100"]
    assert found[0] and found[0].group(1, 3, 4) == ("reading", "1", "4")


def test_between_two_lines_there_is_time_and_the_end_is_told_once(capsys):
    assert [*Bar(range(1000), "reading")] == [*range(1000)]
    (line,) = capsys.readouterr().err.splitlines()
    assert LINE.fullmatch(line) and " 1000/1000 [" in line


def test_work_of_unknown_length(often, capsys):
    with Bar(desc="reading", unit="B", unit_scale=True) as bar:
        bar.update(2_000_000)
    (line,) = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"reading: 2\.00M \[00:00 gone, \S+/s\]", line)


def test_every_bar_says_what_is_done():
    """The name is desc, which is tqdm's second argument too."""
    calls = [
        (path.name, node)
        for package in ("data_prep", "fairseq_cline")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Bar"
    ]
    assert len(calls) > 10
    for name, call in calls:
        assert len(call.args) > 1 or "desc" in [word.arg for word in call.keywords], name


@pytest.mark.parametrize(
    "options", [{"disable": True}, {"leave": False}, {"delay": 600}, {"initial": 3}]
)
def test_what_is_not_told(options, capsys):
    with Bar(total=3, **options) as bar:
        bar.update(0 if "initial" in options else 3)
    assert capsys.readouterr().err == ""


def test_a_terminal_has_a_bar_that_moves(often, monkeypatch):
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (24, 80))
    with os.fdopen(its, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with Bar(total=2, desc="reading") as bar:
            bar.update(2)
        terminal.flush()
        shown = os.read(ours, 100_000)
    os.close(ours)
    assert b"\rreading: 100%|" in shown


def test_all_bars_are_made_here():
    others = [
        path.relative_to(ROOT).as_posix()
        for package in ("data_prep", "fairseq_cline")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"^\s*(from|import) tqdm", path.read_text(), re.MULTILINE)
    ]
    assert others == ["data_prep/files/progress.py"]
