"""Real binaries in processes of their own, forked from a server that has imported fairseq."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from binary_server import END, NUMBER

REPOSITORY = Path(__file__).resolve().parents[1]
# CPU runs of one thread: two test processes share two cores.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


def read_at_the_start_only(name: str) -> bool:
    """Whether Python or a library reads this variable of the environment once, when it starts."""
    return name.startswith(("PYTHON", "LD_", "OMP_", "MKL_", "OPENBLAS_", "CUDA_"))


class Binary:
    """A process that runs; to a test it is what ``subprocess.Popen`` is."""

    def __init__(self, words: list[str], folder: Path, report: int) -> None:
        """Waits until the process is there; the server writes its number, then its exit status."""
        self.args = [sys.executable, *words]
        self.returncode: int | None = None
        self._folder, self._report = folder, report
        self.pid = self._next_number()

    def _next_number(self) -> int:
        number = os.read(self._report, NUMBER.size)
        if not number:
            raise RuntimeError(f"the server of the binaries has ended; see {self._folder.parent}")
        return NUMBER.unpack(number)[0]

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the end, for so many seconds at most; returns the exit status."""
        if self.returncode is None:
            if not select.select([self._report], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = self._next_number()
            os.close(self._report)
        return self.returncode

    def poll(self) -> int | None:
        """The exit status, or None while the process runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def finish(self, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
        """Waits for the end, and kills the process when that takes too long or is interrupted."""
        try:
            status = self.wait(timeout)
        except BaseException:
            self.send_signal(signal.SIGKILL)
            self.wait()
            raise
        texts = ((self._folder / name).read_text("utf-8") for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess(self.args, status, *texts)


class Binaries:
    """Starts ``python -m MODULE ...`` and ``python -c CODE ...``; the server starts with the first.

    ``with Binaries() as binaries: binaries.run("-m", "fairseq_cli.train", data, ...)``
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="binaries-")
        self._connection: socket.socket | None = None
        self._server: subprocess.Popen | None = None
        self._environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection and self._server:
            # Told in words: a forked worker of a test may still hold the connection open.
            with self._connection, suppress(BrokenPipeError):  # it may have died
                self._connection.sendall(END)
            self._server.wait()
        self._folder.cleanup()

    def _connect(self) -> socket.socket:
        if self._connection is None:
            self._environment = {**os.environ, **ENVIRONMENT}
            log = Path(self._folder.name) / "server.log"
            ours, its = socket.socketpair()
            with its, log.open("w") as output:
                self._server = subprocess.Popen(
                    [sys.executable, str(REPOSITORY / "tests/binary_server.py"), str(its.fileno())],
                    env=self._environment,
                    pass_fds=[its.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                )
            if not ours.recv(1):
                raise RuntimeError(f"the server of the binaries does not start: {log.read_text()}")
            self._connection = ours
        return self._connection

    def start(
        self,
        *words: object,
        cwd: Path = REPOSITORY,
        env: Mapping[str, str] | None = None,
        input: str = "",
        new_session: bool = False,
    ) -> Binary:
        """Starts a process with these words after ``python``, and does not wait for its end.

        Args:
            env: variables that are added to those of this process. What Python and libraries read
                when they start only is as it was when the server started.
            input: standard input, as a file.
            new_session: gives it a process group of its own.

        Raises:
            ValueError: ``env`` would change what is read at the start only.
        """
        connection = self._connect()
        added = env or {}
        fixed = {n: v for n, v in self._environment.items() if read_at_the_start_only(n)}
        late = [n for n, v in added.items() if read_at_the_start_only(n) and v != fixed.get(n)]
        if late:
            raise ValueError(f"{late}: too late for a forked process; use subprocess")
        # Libraries change some of the fixed ones in this process: fairseq sets PYTHONWARNINGS.
        ours = {n: v for n, v in os.environ.items() if not read_at_the_start_only(n)}
        umask = os.umask(0)
        os.umask(umask)
        folder = Path(tempfile.mkdtemp(dir=self._folder.name))
        request = {
            "words": [str(word) for word in words],
            "cwd": str(cwd),
            "environment": {**ours, **fixed, **added},
            "umask": umask,
            "new_session": new_session,
        }
        (folder / "request").write_text(json.dumps(request))
        (folder / "stdin").write_text(input, encoding="utf-8")
        report, its_end = os.pipe()
        socket.send_fds(connection, [os.fsencode(folder)], [its_end])
        os.close(its_end)
        return Binary(request["words"], folder, report)

    def run(
        self, *words: object, timeout: float = 300, **options
    ) -> subprocess.CompletedProcess[str]:
        """Runs a process to its end, as ``subprocess.run`` does. The options are those of start."""
        return self.start(*words, **options).finish(timeout)
