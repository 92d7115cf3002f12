"""Signals to a recipe's bash alone: what it waits for gets them, and is waited for."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from dry_runs import ROOT
from test_recipe_runs import CPU, LM
from test_trainings import wait_for

from fairseq_cline.compat.stop_signals import STATUS

pytestmark = pytest.mark.binaries
LIB = ROOT / "run" / "lib"
# Says which signals it gets: the one that stops trainings, and Ctrl-C.
TRAINING = """
import signal, sys, time
from pathlib import Path

def stop(number, frame):
    print("stop", flush=True)
    time.sleep(0.5)
    print("saved", flush=True)
    sys.exit(75)

signal.signal(signal.SIGUSR2, stop)
Path("began").touch()
try:
    time.sleep(100)
except KeyboardInterrupt:
    sys.exit("Ctrl-C")
"""
SOURCE = f". {LIB}/recipe.sh; . {LIB}/train_once.sh"
TRAIN_ONCE = (
    f'{SOURCE}; dry_run=; train_once "$PWD" {sys.executable} -IS training; echo more >>train.log'
)
NESTED = f'{SOURCE}; attend bash -c "$TRAIN_ONCE"; echo more >>train.log'


@pytest.fixture
def start(tmp_path):
    """Starts bash, and waits until there is a file."""
    processes = []
    (tmp_path / "training").write_text(TRAINING)

    def run(*words, until="began", **variables):
        process = subprocess.Popen(
            ["bash", *words],
            cwd=tmp_path,
            env={**os.environ, "TRAIN_ONCE": TRAIN_ONCE, **variables},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        processes.append(process)
        wait_for(lambda: (tmp_path / until).exists() or process.poll() is not None)
        return process

    yield run
    for process in processes:
        if process.poll() is None:
            process.kill()


@pytest.mark.parametrize("script", [TRAIN_ONCE, NESTED], ids=["a recipe", "a recipe in a recipe"])
@pytest.mark.parametrize(
    ("number", "status", "log"),
    [
        (signal.SIGTERM, STATUS, "stop\nsaved\n"),
        (signal.SIGUSR1, STATUS, "stop\nsaved\n"),
        (signal.SIGINT, 1, "Ctrl-C\n"),
        (signal.SIGHUP, 129, ""),
    ],
)
def test_a_training_gets_what_its_recipe_gets(start, tmp_path, script, number, status, log):
    process = start("-c", script)
    process.send_signal(number)
    assert process.wait(100) == status
    assert (tmp_path / "train.log").read_text() == log  # nothing behind the training is begun
    assert not (tmp_path / "done").exists()


@pytest.mark.parametrize(
    ("number", "log"), [(signal.SIGTERM, "stop\nsaved\n"), (signal.SIGINT, "Ctrl-C\n")]
)
def test_a_signal_to_all_processes_counts_once(start, tmp_path, number, log):
    """A terminal signals the group of its recipe, of which the training is none."""
    process = start("-c", TRAIN_ONCE)
    os.killpg(process.pid, number)
    process.wait(100)
    assert (tmp_path / "train.log").read_text() == log


def test_a_second_signal_ends_a_training_at_once(start, tmp_path):
    process = start("-c", TRAIN_ONCE)
    process.send_signal(signal.SIGTERM)
    wait_for(lambda: "stop" in (tmp_path / "train.log").read_text())
    process.send_signal(signal.SIGTERM)
    assert process.wait(100) == 128 + signal.SIGTERM
    assert (tmp_path / "train.log").read_text() == "stop\n"


def test_a_command_that_ends_well_all_the_same_is_the_last_one(start, tmp_path):
    command = "trap 'exit 0' USR2; touch began; while :; do read -t 0.1 <>began || true; done"
    process = start("-c", f'{SOURCE}; attend bash -c "{command}"; touch more')
    process.send_signal(signal.SIGTERM)
    assert process.wait(100) == STATUS
    assert not (tmp_path / "more").exists()


def state_of(number):
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_pause_is_one_of_the_training_too(start, tmp_path):
    """Ctrl-Z, then fg."""
    command = "echo $PPID >number.tmp; mv number.tmp number; exec sleep 100"
    process = start("-c", f"{SOURCE}; attend sh -c 'sh -c \"{command}\"; :'", until="number")
    training = int((tmp_path / "number").read_text())
    for number, states in ((signal.SIGTSTP, "TT"), (signal.SIGCONT, "SS")):
        process.send_signal(number)
        wait_for(lambda states=states: state_of(process.pid) + state_of(training) == states)
    process.send_signal(signal.SIGHUP)
    assert process.wait(100) == 129


def test_a_recipe_saves_and_goes_on(start, language_databin, tmp_path):
    folder = tmp_path / "out/atcl-n5"
    variables = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "DATA": str(language_databin),
        "OUT": str(folder.parent),
        "ROWS": folder.name,
        "UPDATES": "1000000",
    }
    options = [*LM[:-2], *CPU, "--save-interval-updates", "5", "--disable-validation"]
    last = f"{folder}/checkpoint_last.pt"
    process = start(ROOT / "run/lm_ptb.sh", *options, until=last, **variables)
    process.send_signal(signal.SIGTERM)
    assert process.wait(100) == STATUS
    assert "stopped by a signal after update" in (folder / "train.log").read_text()
    assert not (folder / "done").exists()
