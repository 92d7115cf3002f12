"""A server that real binaries are forked from: it has imported torch and fairseq, once.

Starting fairseq-train costs four seconds of CPU before its first line of work. A child forked here
starts in a tenth of a second, and is from there what ``python -m fairseq_cli.train`` would be:
it leaves the server's loop and runs as the main program. So uncaught exceptions, exit statuses,
threads that are still alive and what ``atexit`` registered are left to the interpreter, as ever.
The plug-in is not imported: each child finds and loads it, or does not, as its command line says.

``tests/binaries.py`` starts it and sends the requests.
"""

import gc
import importlib
import json
import logging
import os
import runpy
import signal
import socket
import struct
import sys
import threading
import types
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import numpy as np
import torch

# Packages that commands take long to import. They start no thread of Python; a native one, of
# pyarrow's memory allocator, which is made to be forked, is all there is.
PRELOADED = ("fairseq_cli.train", "fairseq_cli.interactive", "hydra", "scipy.stats", "sacrebleu")
PRELOADED += ("nltk", "spacy")
NUMBER = struct.Struct("i")
END = b"\0end"  # in the place of a folder: no name has a zero byte


def preload() -> None:
    """Imports ``PRELOADED``, and undoes what only a program that runs may do."""
    for name in PRELOADED:
        importlib.import_module(name)
    for name in [name for name in sys.modules if name.split(".")[0] == "fairseq_cli"]:
        del sys.modules[name]  # programs: run as the main module, each sets up logging
    logging.root.handlers.clear()
    logging.root.setLevel(logging.WARNING)
    assert threading.active_count() == 1, threading.enumerate()
    gc.collect()
    gc.freeze()  # the collector of a child need not look at all this again, nor copy its pages


def serve(connection: socket.socket) -> Path:
    """Takes requests until the client ends; returns in the children only.

    A request is the name of a folder with the files ``request`` (JSON) and ``stdin``, and a pipe
    for the report. It returns that folder.
    """
    while True:
        folder, files, _, _ = socket.recv_fds(connection, 4096, 1)
        with suppress(ChildProcessError):  # ended guardians; their time counts as the server's
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if folder in (b"", END):
            os._exit(0)
        (report,) = files
        if os.fork() == 0:
            connection.close()
            child = os.fork()
            if child:
                guard(child, report)
            os.close(report)
            return Path(os.fsdecode(folder))
        os.close(report)


def guard(child: int, report: int) -> NoReturn:
    """Reports the number of the child, and how it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the child
    os.write(report, NUMBER.pack(child))
    _, status = os.waitpid(child, 0)
    os.write(report, NUMBER.pack(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def become(folder: Path, set_by_imports: dict[str, str]) -> list[str]:
    """Gives the child the surroundings that were asked for; returns the words of its command."""
    request = json.loads((folder / "request").read_text())
    if request["new_session"]:
        os.setsid()
    for target, name in enumerate(("stdin", "stdout", "stderr")):
        with (folder / name).open("r" if name == "stdin" else "w") as file:
            os.dup2(file.fileno(), target)
    os.umask(request["umask"])
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update({**set_by_imports, **request["environment"]})
    # Seeds of its own, as in a new process. Python itself does the same for its generator.
    np.random.seed()
    torch.default_generator.seed()
    return request["words"]


def run(words: list[str]) -> None:
    """Runs the main program, which is named as on Python's command line: ``-m`` or ``-c``."""
    kind, program, *arguments = words
    sys.argv = [kind, *arguments]
    if kind == "-c":
        sys.path[0] = ""
        sys.modules["__main__"] = main = types.ModuleType("__main__")
        exec(compile(program, "<string>", "exec"), main.__dict__)  # noqa: S102  python -c does it
        return
    sys.path[0] = os.getcwd()
    package = program.partition(".")[0]
    if package not in ("fairseq_cli", program):
        # The package of a program is imported before everything else. The plug-in's does more
        # when it finds fairseq loaded.
        fairseq = sys.modules.pop("fairseq")
        importlib.import_module(package)
        sys.modules["fairseq"] = fairseq
    runpy.run_module(program, run_name="__main__", alter_sys=True)


def main() -> None:
    before = dict(os.environ)
    preload()
    set_by_imports = {name: os.environ[name] for name in os.environ if name not in before}
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        connection.send(b".")  # ready
        folder = serve(connection)
    run(become(folder, set_by_imports))


if __name__ == "__main__":
    main()
