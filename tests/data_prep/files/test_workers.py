import os
import signal
import subprocess
import sys
import time

import pytest

from data_prep.errors import InputError
from data_prep.files.workers import QUEUED_PER_WORKER, Workers
from tests.data_prep.conftest import REPOSITORY


def slow_first(number: int) -> int:
    time.sleep(0.2 if number == 0 else 0.0)
    return number * number


def die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("count", [1, 2])
def test_results_come_in_the_order_of_the_items(count):
    with Workers(count) as workers:
        assert list(workers.map(slow_first, range(20))) == [(n, n * n) for n in range(20)]
        assert list(workers.map(slow_first, [3])) == [(3, 9)]


def test_few_items_are_in_flight():
    taken = []

    def items():
        for number in range(100):
            taken.append(number)
            yield number

    with Workers(2) as workers:
        results = workers.map(slow_first, items())
        next(results)
        assert len(taken) <= 2 * QUEUED_PER_WORKER


def test_a_killed_worker_is_a_clear_error():
    with Workers(2) as workers, pytest.raises(InputError, match="fewer --workers"):
        list(workers.map(die, [1]))


@pytest.mark.binaries
def test_workers_end_with_a_killed_parent():
    """They would wait for work for ever."""
    code = (
        "import os, time\n"
        "from data_prep.files.workers import Workers\n"
        "def pid(number): time.sleep(0.2); return os.getpid()\n"
        "with Workers(2) as workers:\n"
        "    print(*{p for _, p in workers.map(pid, range(6))}, flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    children = [int(word) for word in parent.stdout.readline().split()]
    assert len(children) == 2
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(map(is_running, children)):
        time.sleep(0.1)
    assert not any(map(is_running, children))


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
