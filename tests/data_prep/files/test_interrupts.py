"""Words for Ctrl-C, and which processes are commands; real signals: ``tests/test_interrupts.py``."""

import sys

import pytest

from data_prep.files import interrupts


@pytest.mark.parametrize(
    ("argv", "original", "name"),
    [
        (["-m", "x"], ["python", "-m", "data_prep.ptb", "x"], "ptb"),
        (["/bin/fairseq-cline", "hits", "--cpu"], ["python", "/bin/fairseq-cline"], "hits"),
        (["/bin/fairseq-cline"], ["python", "/bin/fairseq-cline"], None),
        (["/bin/pytest", "tests"], ["python", "/bin/pytest"], None),
        (["/src/data_prep/ptb.py"], ["python", "-m", "data_prep.ptb"], None),
        (["-m"], ["python", "server.py"], None),
        ([""], ["python"], None),
    ],
)
def test_a_process_is_a_command_until_its_imports_are_done(monkeypatch, argv, original, name):
    monkeypatch.setattr(sys, "argv", argv)
    monkeypatch.setattr(sys, "orig_argv", original)
    assert interrupts.started_command() == name


def test_the_hook_shortens_ctrl_c_alone(monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(sys, "argv", ["fairseq-cline", "hits"])
    monkeypatch.setattr(sys, "excepthook", lambda *given: seen.append(given))
    interrupts.shorten_traceback()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert capsys.readouterr().err == (
        "hits: interrupted; nothing of what it began is left; give the same command again\n"
    )
    error = ValueError("a bug")
    sys.excepthook(ValueError, error, None)
    assert seen == [(ValueError, error, None)]


def test_a_process_that_is_no_command_keeps_its_hook(monkeypatch):
    before = sys.excepthook
    monkeypatch.setattr(sys, "argv", ["pytest"])
    interrupts.shorten_traceback()
    assert sys.excepthook is before
