"""Work on items in several processes, results in the order of the items."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Self, TypeVar

from data_prep.errors import InputError
from data_prep.files.progress import Bar

Item = TypeVar("Item")
Result = TypeVar("Result")

QUEUED_PER_WORKER = 4  # items in flight: a bound on memory, whatever the corpus


class Workers:
    """A number of processes; one means this process. A context manager.

    Load models and tables before: forked processes share them.
    """

    def __init__(self, count: int) -> None:
        # Loaded models stay: the collector need not walk them again and again, and forked
        # processes share their memory as long as nobody touches it.
        gc.collect()
        gc.freeze()
        self._count = count
        self._pool: ProcessPoolExecutor | None = None
        if count > 1:
            method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
            context = multiprocessing.get_context(method)
            self._pool = ProcessPoolExecutor(
                count, mp_context=context, initializer=_begin, initargs=(os.getpid(),)
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool:
            if kind and not issubclass(kind, Exception):  # Ctrl-C or SIGTERM: the user waits
                for process in multiprocessing.active_children():
                    process.terminate()
            self._pool.shutdown(cancel_futures=True)

    def map(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Result]]:
        """The pairs (item, function(item)) in the order of the items.

        Raises:
            InputError: a process was killed, as the system does when memory runs out.
        """
        if self._pool is None:
            for item in items:
                yield item, function(item)
            return
        queue: deque[tuple[Item, Future[Result]]] = deque()
        try:
            for item in items:
                queue.append((item, self._pool.submit(function, item)))
                if len(queue) >= self._count * QUEUED_PER_WORKER:
                    yield _oldest(queue)
            while queue:
                yield _oldest(queue)
        except BrokenProcessPool as error:
            raise InputError(
                "a worker process died, perhaps for lack of memory; "
                "give the same command with fewer --workers to go on"
            ) from error


def _begin(parent: int) -> None:
    """Frees a new process from what its parent is doing, and lets it end with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both: the parent ends this one
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # A thread of the parent's that draws bars may have held their lock, and is not here.
    Bar.set_lock(threading.RLock())
    _end_with(parent)


def _end_with(parent: int) -> None:
    """Lets this process end when its parent has been killed: nobody else would tell it."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _oldest(queue: deque[tuple[Item, Future[Result]]]) -> tuple[Item, Result]:
    item, future = queue.popleft()
    return item, future.result()
