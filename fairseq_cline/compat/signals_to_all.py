"""The processes around a trainer, when a signal or Ctrl-C stops the training.

fairseq-train starts a process for each GPU and waits for them, and each of those starts processes
that load data. A batch system signals the first process only, or all of them.
"""

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

import torch.multiprocessing
from torch.multiprocessing import ProcessExitedException
from torch.utils.data._utils import signal_handling

from fairseq_cline.compat.patching import Wrapper, patch
from fairseq_cline.compat.stop_signals import FORWARDED, SIGNALS, STATUS, end_by

_GRACE = 5.0  # seconds that workers have to end by themselves when one has ended with an error


def spawn(stock: Wrapper, *args: Any, **kwargs: Any) -> None:
    """Starts workers and waits for them; hands a signal on, and ends with their status."""
    workers = stock(*args, **{**kwargs, "join": False})
    got: list[int] = []

    def hand_on(number: int, frame: FrameType | None) -> None:
        if got and number != FORWARDED:
            end_by(number)  # and Linux ends the workers
        got.append(number)
        for worker in workers.processes:
            if worker.is_alive():
                os.kill(worker.pid, FORWARDED)

    for number in (*SIGNALS, FORWARDED):
        signal.signal(number, hand_on)
    try:
        while not workers.join(grace_period=_GRACE):
            pass
    except ProcessExitedException as error:
        if error.exit_code == STATUS:
            sys.exit(STATUS)
        if got:  # it came before the training, or to workers that do not train
            end_by(got[0])
        raise


def set_up_loader(stock: Wrapper) -> None:
    """Sets up a process that loads data; of all signals only its trainer's SIGTERM ends it."""
    stock()
    for number in (signal.SIGINT, signal.SIGUSR1, FORWARDED):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(trainer: int) -> None:
    while signal.sigwaitinfo({signal.SIGTERM}).si_pid != trainer:
        pass
    os._exit(0)


def prepare() -> None:
    """Makes torch start workers and loader processes in this way."""
    patch(torch.multiprocessing, "spawn", spawn)
    patch(signal_handling, "_set_worker_signal_handlers", set_up_loader)
