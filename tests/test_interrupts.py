"""Ctrl-C, a real SIGINT to a command and all its processes: one line and no traceback."""

import os
import signal
import subprocess
import sys

import pytest
from binaries import ENVIRONMENT, REPOSITORY
from test_trainings import MODEL, TRAIN, wait_for
from training_logs import saved

pytestmark = pytest.mark.binaries

# A command whose workers and itself have begun when the file is there.
COMMAND = """
import time
from importlib.machinery import ModuleSpec
from pathlib import Path
__spec__ = ModuleSpec("data_prep.greet", None)
from data_prep.files.command_line import command
from data_prep.files.whole import new_folder
from data_prep.files.workers import Workers

def begin(number):
    Path(f"began-{number}").touch()
    time.sleep(600)

@command
def main():
    with new_folder("out") as folder, Workers(2) as workers:
        list(workers.map(begin, [1, 2, 3]))

main()
"""
# fairseq-train in which Ctrl-C is pressed in the update after {done} updates.
TRAINING = """
import os
import signal
import torch
from fairseq.trainer import Trainer
from fairseq_cli.train import cli_main
stock = Trainer.clip_grad_norm
def clip(trainer, norm):
    if trainer.get_num_updates() == {done} and trainer.data_parallel_rank == 0:
        os.killpg(0, signal.SIGINT)
    return stock(trainer, norm)
Trainer.clip_grad_norm = clip
cli_main()
"""
# Starts two workers and waits for them, as fairseq-train does with several GPUs.
SPAWNED = """
import os
import time
from pathlib import Path

import torch

def work(rank):
    Path(f"began-{rank}.tmp").write_text(str(os.getpid()))
    os.rename(f"began-{rank}.tmp", f"began-{rank}")
    time.sleep(600)

if __name__ == "__main__":
    import fairseq_cline.plugin
    torch.multiprocessing.spawn(work, nprocs=2)
"""


def test_a_command_with_workers(binaries, tmp_path):
    process = binaries.start("-c", COMMAND, cwd=tmp_path, new_session=True)
    wait_for(lambda: (tmp_path / "began-2").exists())
    os.killpg(process.pid, signal.SIGINT)
    done = process.finish(60)
    assert done.returncode == 130
    assert done.stderr == (
        "greet: interrupted; nothing of what it began is left; give the same command again\n"
    )
    assert {path.name for path in tmp_path.iterdir()} == {"began-1", "began-2"}


@pytest.mark.parametrize(
    "command", [("-m", "data_prep.ptb"), ("-m", "fairseq_cline.evaluation.seeds")]
)
def test_a_command_that_still_imports_its_libraries(command, tmp_path):
    """Python gives it the status of a process that SIGINT has ended: 130 to a shell."""
    (tmp_path / "argparse.py").write_text(
        "import pathlib, time\npathlib.Path('began').touch()\ntime.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=tmp_path,
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": f"{tmp_path}:{REPOSITORY}"},
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: (tmp_path / "began").exists())
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    name = command[1].rpartition(".")[2]
    assert errors.startswith(f"{name}: interrupted; ") and errors.count("\n") == 1
    assert process.returncode == -signal.SIGINT


def test_a_training(binaries, language_databin, tmp_path):
    words = [language_databin, *MODEL, *TRAIN, "--user-dir", "fairseq_cline", "--num-workers=1"]
    words += ["--save-dir", tmp_path / "new"]
    done = binaries.run("-c", TRAINING.format(done=2), *words, new_session=True)
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1] == (
        f"fairseq_cline: interrupted; {tmp_path / 'new'} has no checkpoint_last.pt yet, so that the "
        "same command begins anew (--save-interval-updates N keeps one every N updates)"
    )
    assert done.returncode in (130, -signal.SIGINT)
    words += ["--save-interval-updates", 3, "--max-update", 6]
    done = binaries.run("-c", TRAINING.format(done=4), *words, new_session=True)
    last = done.stderr.splitlines()[-1]
    checkpoint = tmp_path / "new" / "checkpoint_last.pt"
    assert last.startswith(f"fairseq_cline: interrupted; {checkpoint}, written at ")
    assert last.endswith(", is kept: the same command goes on from it")
    assert "Traceback" not in done.stderr
    assert saved(tmp_path / "new")["optimizer_history"][-1]["num_updates"] == 3
    assert binaries.run("-m", "fairseq_cli.train", *words).returncode == 0
    assert saved(tmp_path / "new")["optimizer_history"][-1]["num_updates"] == 6


@pytest.mark.parametrize("kill", [os.killpg, os.kill], ids=["Ctrl-C", "the first process alone"])
def test_started_workers_end_without_a_word(binaries, tmp_path, kill):
    (tmp_path / "spawned.py").write_text(SPAWNED)
    process = binaries.start("-m", "spawned", cwd=tmp_path, new_session=True)
    wait_for(lambda: (tmp_path / "began-0").exists() and (tmp_path / "began-1").exists())
    kill(process.pid, signal.SIGINT)
    done = process.finish(60)
    assert done.stderr.splitlines()[-1] == (
        "fairseq_cline: interrupted; what it has printed or written stays; give the same command "
        "again"
    )
    assert "Traceback" not in done.stderr
    for rank in (0, 1):
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / f"began-{rank}").read_text()), 0)


LOADER = """
import signal

import fairseq_cline.plugin
from torch.utils.data import DataLoader


class Reading:
    def __len__(self):
        return 1

    def __getitem__(self, index):
        return signal.getsignal(signal.SIGINT) is signal.SIG_IGN


print([bool(batch) for batch in DataLoader(Reading(), num_workers=1)])
"""


def test_a_process_that_loads_data_leaves_ctrl_c_to_its_trainer(binaries, tmp_path):
    run = binaries.run("-c", LOADER, cwd=tmp_path)
    assert (run.returncode, run.stdout) == (0, "[True]\n"), run.stderr
