import os
import signal
import time

import pytest

from data_prep.corpus import InputError
from data_prep.workers import QUEUED_PER_WORKER, Workers


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
