"""Work on items in several processes, results in the order of the items."""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from data_prep.corpus import InputError

Item = TypeVar("Item")
Result = TypeVar("Result")

QUEUED_PER_WORKER = 4  # items in flight: a bound on memory, whatever the corpus


def ordered_map(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Iterator[tuple[Item, Result]]:
    """Yield (item, function(item)) in order; one worker means this process.

    Raises:
        InputError: a worker process was killed, as the system does when memory runs out.
    """
    # What is loaded stays: the collector need not walk it again and again, and forked workers
    # share its memory as long as nobody touches it.
    gc.collect()
    gc.freeze()
    if workers == 1:
        for item in items:
            yield item, function(item)
        return
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    context = multiprocessing.get_context(method)
    queue: deque[tuple[Item, Future[Result]]] = deque()
    with ProcessPoolExecutor(workers, mp_context=context) as executor:
        try:
            for item in items:
                queue.append((item, executor.submit(function, item)))
                if len(queue) >= workers * QUEUED_PER_WORKER:
                    yield _oldest(queue)
            while queue:
                yield _oldest(queue)
        except BrokenProcessPool as error:
            raise InputError(
                "a worker process died, perhaps for lack of memory; "
                "give the same command with fewer --workers to go on"
            ) from error
        finally:
            executor.shutdown(cancel_futures=True)


def _oldest(queue: deque[tuple[Item, Future[Result]]]) -> tuple[Item, Result]:
    item, future = queue.popleft()
    return item, future.result()
