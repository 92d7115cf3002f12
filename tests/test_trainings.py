"""Trainings that are finished, repeated, and started twice, through the real fairseq-train."""

import fcntl
import os
import signal
import time

import pytest
from training_logs import assert_one_line_error, logged

from data_prep.files.checksums import file_sha256

MODEL = ["--task=language_modeling", "--arch=transformer_lm", "--decoder-layers=1"]
MODEL += [f"--decoder-{size}=16" for size in ("embed-dim", "input-dim", "output-dim")]
MODEL += ["--decoder-ffn-embed-dim=16", "--decoder-attention-heads=2", "--tokens-per-sample=16"]
TRAIN = ["--cpu", "--optimizer=adam", "--lr=0.01", "--batch-size=8", "--no-epoch-checkpoints"]
TRAIN += ["--log-format=json", "--log-interval=1", "--num-workers=0"]


@pytest.fixture(scope="module")
def train(run_fairseq, language_databin):
    def run(folder, *flags):
        return run_fairseq("train", language_databin, *MODEL, *TRAIN, "--save-dir", folder, *flags)

    return run


def files(folder):
    return {path.name: (file_sha256(path), path.stat().st_mtime_ns) for path in folder.iterdir()}


@pytest.mark.parametrize("limit", ["--max-update=5", "--max-epoch=1"])
def test_a_finished_training_changes_nothing(train, tmp_path, limit):
    updates = len(logged(train(tmp_path, limit)))
    before = files(tmp_path)
    again = train(tmp_path, limit)
    assert logged(again) == []
    assert f"finished at update {updates} ({limit.replace('=', ' ')})" in again.stdout
    assert files(tmp_path) == before
    more = logged(train(tmp_path, f"--max-update={updates + 2}"))
    assert [line["num_updates"] for line in more] == [f"{updates + 1}", f"{updates + 2}"]


def is_locked(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def wait_for(condition):
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_one_training_at_a_time(binaries, train, language_databin, tmp_path):
    """A kill frees the folder at once, though processes that load data may live on for seconds."""
    last = tmp_path / "checkpoint_last.pt"
    first = binaries.start(
        *("-m", "fairseq_cli.train", language_databin, *MODEL, *TRAIN, "--save-dir", tmp_path),
        *("--user-dir", "fairseq_cline", "--max-update=100000", "--save-interval-updates=5"),
        *("--num-workers=1", "--disable-validation", "--keep-interval-updates=1"),
    )
    try:
        wait_for(lambda: last.exists() or first.poll() is not None)
        assert first.poll() is None, first.finish()
        second = train(tmp_path, "--max-update=3")
        assert_one_line_error(second, f"--save-dir {tmp_path}", "another training is writing into")
        other = train(tmp_path / "other", "--max-update=3")
        assert len(logged(other)) == 3
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert not is_locked(tmp_path)
    resumed = train(tmp_path, "--max-epoch=1", "--reset-dataloader")
    assert resumed.returncode == 0, resumed.stderr
    assert "Loaded checkpoint" in resumed.stdout


def test_two_workers_are_finished_together(train_on_two_workers, language_databin, tmp_path):
    command = [language_databin, *MODEL, *TRAIN, "--save-dir", tmp_path, "--max-update=2"]
    assert len(logged(train_on_two_workers(*command))) == 2
    before = files(tmp_path)
    again = train_on_two_workers(*command)
    assert logged(again) == [] and "finished at update 2" in again.stdout
    assert files(tmp_path) == before
