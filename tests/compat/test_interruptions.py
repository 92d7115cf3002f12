"""The line for Ctrl-C in a program of fairseq; real signals: ``tests/test_interrupts.py``."""

import os
from types import SimpleNamespace

import pytest

from fairseq_cline.compat import interruptions


@pytest.fixture(autouse=True)
def no_training(monkeypatch):
    monkeypatch.setattr(interruptions, "_folders", [])


def told(capsys) -> str:
    interruptions.tell(pytest.fail, KeyboardInterrupt, KeyboardInterrupt(), None)
    return capsys.readouterr().err


def configuration(save_dir, no_save=False):
    return SimpleNamespace(save_dir=str(save_dir), no_save=no_save)


def test_a_program_that_keeps_no_checkpoints(capsys, tmp_path):
    assert told(capsys).startswith(
        "fairseq_cline: interrupted; what it has printed or written stays"
    )
    interruptions.know_folder(configuration(tmp_path, no_save=True))
    assert "checkpoint" not in told(capsys)


def test_a_training_before_and_after_its_first_checkpoint(capsys, tmp_path):
    interruptions.know_folder(configuration(tmp_path))
    assert f"{tmp_path} has no checkpoint_last.pt yet" in told(capsys)
    (tmp_path / "checkpoint_last.pt").touch()
    os.utime(tmp_path / "checkpoint_last.pt", (0, 0))
    line = told(capsys)
    assert f"{tmp_path}/checkpoint_last.pt, written at " in line and "goes on from it" in line
    assert line.count("\n") == 1


def test_workers_but_the_first_are_silent(capsys, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    assert told(capsys) == ""


def test_other_errors_are_left_to_the_hook_before():
    seen = []
    error = ValueError("a bug")
    interruptions.tell(lambda *given: seen.append(given), ValueError, error, None)
    assert seen == [(ValueError, error, None)]
