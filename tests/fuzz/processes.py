"""Programs in processes forked from this one, which has imported all that they need."""

import contextlib
import importlib
import logging
import os
import pkgutil
import resource
import runpy
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
import torch

from data_prep.english import installed
from data_prep.errors import InputError

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("data_prep", "fairseq_cline")
# What commands import when they run.
PRELOADED = ("fairseq_cli.train", "fairseq_cli.interactive", "hydra", "matplotlib.pyplot")
PRELOADED += ("scipy.stats", "sacrebleu", "sklearn.manifold", "nltk", "spacy", "pyarrow.parquet")
GIGABYTE = 1 << 30


class Done(NamedTuple):
    """The end of a program."""

    status: int | None
    """Exit status, minus the signal that ended it; None: it ran longer than it may."""
    output: str
    """Standard output."""
    errors: str
    """Standard error."""
    seconds: float


def preload() -> None:
    """Imports all libraries, and none of the commands, so that forked programs start at once."""
    importlib.import_module("fairseq_cline.plugin")
    # Loaded once: loading takes longer than most commands do with it afterwards.
    installed.load_spacy_model = cache(installed.load_spacy_model)
    for name in PRELOADED:
        importlib.import_module(name)
    for package in PACKAGES:
        for found in pkgutil.walk_packages([str(REPOSITORY / package)], package + "."):
            source = Path(REPOSITORY, *found.name.split(".")).with_suffix(".py")
            if source.is_file() and "\nif __name__" not in source.read_text():
                with contextlib.suppress(InputError):  # a package that is not installed
                    importlib.import_module(found.name)
    for name in [name for name in sys.modules if name.split(".")[0] == "fairseq_cli"]:
        del sys.modules[name]
    logging.root.handlers.clear()
    logging.root.setLevel(logging.WARNING)
    # What commands keep in memory: WordNet, inflections, the tagger.
    synonym_places = importlib.import_module("data_prep.english.synonym_places")
    synonym_places.load_synonyms()
    assert [*synonym_places.find_places(["they bought big films"])]


def sources() -> dict[Path, float]:
    """The files of both packages, and when they were changed: programs read them as they start."""
    files = (path for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py"))
    return {path: path.stat().st_mtime for path in files}


def run_program(words: Sequence[str], folder: Path, seconds: float, scratch: Path) -> Done:
    """Runs ``python -m WORDS`` to its end.

    Args:
        words: the module and its arguments.
        folder: current folder of the program.
        seconds: it is killed after so long.
        scratch: folder for its output, and for its cache.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        _become([*words], folder, seconds, scratch)
    status = _wait(child, start + seconds)
    texts = [
        (scratch / name).read_text("utf-8", errors="backslashreplace")
        for name in ("stdout", "stderr")
    ]
    return Done(status, *texts, time.monotonic() - start)


def _wait(child: int, end: float) -> int | None:
    """Waits for the program and kills what it has started; None when it had to be killed."""
    pause = 0.005
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > end:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(pause)
        pause = min(pause * 1.3, 0.1)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # its workers
    return os.waitstatus_to_exitcode(status)


def _become(words: list[str], folder: Path, seconds: float, scratch: Path) -> NoReturn:
    """Runs the program and ends this process: what the driver would do at its end is left out."""
    status = 1
    try:
        os.setsid()
        _prepare(folder, seconds, scratch)
        sys.argv = ["-m", *words[1:]]
        sys.path[0] = str(folder)
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  Python itself would report it too
        try:
            sys.excepthook(*sys.exc_info())  # the plug-in's, which writes one line
        except BaseException:  # noqa: BLE001
            traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status & 0xFF)


def _prepare(folder: Path, seconds: float, scratch: Path) -> None:
    for number, name in enumerate(("/dev/null", scratch / "stdout", scratch / "stderr")):
        with open(name, "r" if number == 0 else "w") as file:
            os.dup2(file.fileno(), number)
    os.chdir(folder)
    os.environ["TMPDIR"] = str(folder)  # what is left there is a leftover
    os.environ["XDG_CACHE_HOME"] = str(scratch)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        os.environ[name] = "http://127.0.0.1:9"  # nothing is downloaded
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (GIGABYTE, GIGABYTE))
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + 4 * GIGABYTE, used + 4 * GIGABYTE))
    np.random.seed()
    torch.default_generator.seed()
