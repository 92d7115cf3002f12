"""Signals that stop a training, through the real fairseq-train."""

import os
import signal

import pytest
import torch
from test_trainings import MODEL, TRAIN, wait_for
from training_logs import assert_equal_weights, logged, saved, weights

from fairseq_cline.compat.stop_signals import FORWARDED, STATUS

# fairseq-train that sends itself a signal on worker {rank}, {times} times, when the trainer's {method}
# is called after {done} updates.
SIGNALED = """
import functools
import os
from fairseq.trainer import Trainer
from fairseq_cli.train import cli_main
sent = 0
stock = Trainer.{method}
@functools.wraps(stock)
def step(trainer, *args, **kwargs):
    global sent
    result = stock(trainer, *args, **kwargs)
    here = trainer.get_num_updates() == {done} and trainer.data_parallel_rank == {rank}
    while here and sent < {times}:
        os.kill(os.getpid(), {number})
        sent += 1
    return result
Trainer.{method} = step
cli_main()
"""
UPDATES = 7  # an epoch
COMMAND = [*MODEL, *TRAIN, "--user-dir", "fairseq_cline"]


def program(number=signal.SIGTERM, done=6, rank=0, times=1, method="clip_grad_norm"):
    """Gradients are clipped in every update, when the workers have exchanged their figures."""
    settings = {"done": done, "rank": rank, "times": times, "method": method}
    return "-c", SIGNALED.format(number=int(number), **settings)


@pytest.fixture(scope="module")
def run(binaries, language_databin):
    def start(folder, *flags, program=("-m", "fairseq_cli.train")):
        return binaries.run(*program, language_databin, *COMMAND, "--save-dir", folder, *flags)

    return start


@pytest.fixture(scope="module")
def undisturbed(run, tmp_path_factory):
    """The folder of a training of 20 updates."""
    folder = tmp_path_factory.mktemp("undisturbed")
    assert len(logged(run(folder, "--max-update=20"))) == 20
    return folder


def memory(folder):
    """The memory of the optimizer, and where in the epochs a checkpoint was written."""
    state = saved(folder)
    optimizer = state["last_optimizer_state"]["state"]
    flat = {f"{n}.{key}": value for n, one in optimizer.items() for key, value in one.items()}
    return {name: torch.as_tensor(value) for name, value in flat.items()}, [
        state["extra_state"]["train_iterator"],
        state["optimizer_history"][-1]["num_updates"],
    ]


def assert_same(folder, other):
    assert_equal_weights(weights(folder), weights(other))
    (tensors, position), (others, expected) = memory(folder), memory(other)
    assert_equal_weights(tensors, others)
    assert position == expected


@pytest.mark.parametrize(("number", "update"), [(signal.SIGTERM, 10), (signal.SIGUSR1, UPDATES)])
def test_a_signal_saves_and_the_next_start_goes_on(run, undisturbed, tmp_path, number, update):
    """The second one comes in the last update of an epoch, whose validation still follows."""
    stopped = run(tmp_path, "--max-update=20", program=program(number, update - 1))
    assert stopped.returncode == STATUS, stopped.stdout + stopped.stderr
    assert f"stopped by a signal after update {update} (exit status 75)" in stopped.stdout
    assert "Traceback" not in stopped.stderr
    assert stopped.stdout.count("begin validation on") == 1
    extra = saved(tmp_path)["extra_state"]
    assert 0 < extra["previous_training_time"] < 300
    assert (extra["val_loss"] is None) == (update != UPDATES)
    resumed = logged(run(tmp_path, "--max-update=20"))
    assert [int(line["num_updates"]) for line in resumed] == [*range(update + 1, 21)]
    assert_same(tmp_path, undisturbed)


def test_a_signal_to_one_of_two_workers_stops_both(
    train_on_two_workers, language_databin, tmp_path
):
    def train(folder, **settings):
        command = [language_databin, *MODEL, *TRAIN, "--save-dir", tmp_path / folder]
        return train_on_two_workers(*command, "--max-update=12", **settings)

    stopped = train("stopped", program=program(signal.SIGUSR1, 2, rank=1), status=STATUS)
    assert stopped.returncode == STATUS
    assert "stopped by a signal after update 4" in stopped.stdout
    assert 0 < saved(tmp_path / "stopped")["extra_state"]["previous_training_time"] < 300
    assert len(logged(train("stopped"))) == 8
    assert len(logged(train("whole"))) == 12
    assert_same(tmp_path / "stopped", tmp_path / "whole")


def test_a_signal_in_a_validation(run, undisturbed, tmp_path):
    flags = ["--max-update=20", "--validate-interval-updates=5"]
    stopped = run(tmp_path, *flags, program=program(done=5, method="valid_step"))
    assert stopped.returncode == STATUS
    assert stopped.stdout.count("begin validation on") == 1
    assert "Saved checkpoint" in stopped.stdout.partition("| valid |")[0]
    assert len(logged(run(tmp_path, *flags))) == 15
    assert_same(tmp_path, undisturbed)


def test_a_training_that_ends_anyway_ends_well(run, undisturbed, tmp_path):
    done = run(tmp_path, "--max-update=20", program=program(done=19))
    assert len(logged(done)) == 20
    assert_same(tmp_path, undisturbed)


@pytest.mark.parametrize("settings", [{"times": 2}, {"flags": ["--no-save"]}])
def test_a_second_signal_and_one_without_checkpoints_end_at_once(run, tmp_path, settings):
    flags = settings.pop("flags", [])
    ended = run(tmp_path, "--max-update=20", *flags, program=program(done=3, **settings))
    assert ended.returncode == -signal.SIGTERM
    assert not [*tmp_path.glob("*.pt")]


def start_until_saved(binaries, folder, *words):
    """A training that has written a checkpoint and would go on for long."""
    process = binaries.start(
        *words,
        *("--save-dir", folder, "--max-update=1000000", "--save-interval-updates=5"),
        *("--disable-validation", "--keep-interval-updates=1"),
        new_session=True,
    )
    wait_for(lambda: (folder / "checkpoint_last.pt").exists() or process.poll() is not None)
    return process


def test_a_signal_to_a_group_spares_the_loader_processes(binaries, language_databin, tmp_path):
    process = start_until_saved(
        *(binaries, tmp_path, "-m", "fairseq_cli.train", language_databin, *COMMAND),
        *("--num-workers=2", "--data-buffer-size=0", "--batch-size=1"),
    )
    os.killpg(process.pid, signal.SIGTERM)
    done = process.finish(timeout=100)
    assert done.returncode == STATUS, done.stdout + done.stderr
    assert "Traceback" not in done.stderr and "is killed by signal" not in done.stderr


ON_TWO_GPUS = """
import torch
from fairseq_cli.train import cli_main
torch.cuda.device_count = lambda: 2
cli_main()
"""


def test_a_process_that_waits_for_workers_hands_a_signal_on(binaries, language_databin, tmp_path):
    process = start_until_saved(
        *(binaries, tmp_path, "-c", ON_TWO_GPUS, language_databin, *COMMAND),
        *("--distributed-world-size=2", "--distributed-backend=gloo", "--ddp-backend=legacy_ddp"),
    )
    process.send_signal(signal.SIGUSR1)
    process.send_signal(FORWARDED)  # of a recipe, which has got the first one too
    done = process.finish(timeout=100)
    assert done.returncode == STATUS, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "stopped by a signal after update" in done.stdout + done.stderr  # the worker's
