"""The frame of a command: its parser, and one line instead of a traceback for bad input."""

from __future__ import annotations

import argparse
import functools
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from typing import NoReturn, ParamSpec

from data_prep.errors import DownloadError, InputError, ResourceError
from data_prep.files.extras import missing_package
from data_prep.files.interrupts import PROGRAM, STATUS, by_console_script, interrupted_line

Arguments = ParamSpec("Arguments")

# Words in which libraries say that memory is lacking, with errors of kinds of their own.
_NO_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory")


class _Parser(argparse.ArgumentParser):
    """Refuses arguments as any other input, without the usage of all options above the line."""

    def error(self, message: str) -> NoReturn:
        """Raises InputError."""
        words = message.removeprefix("argument ")
        raise InputError(f"{words}; {self.prog} --help tells what it takes")


def command_parser(spec: ModuleSpec, description: str) -> argparse.ArgumentParser:
    """The parser of a command, under the name that was typed: ``command_parser(__spec__, __doc__)``.

    Args:
        spec: of the module; ``__name__`` is only ``__main__`` when it runs.
        description: shown by ``--help`` as it is written.
    """
    return _Parser(
        prog=f"{PROGRAM} {short_name(spec)}" if by_console_script() else f"python -m {spec.name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,  # `--train 9` would be `--train-examples 9`: elsewhere it is a file
    )


def command(main: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Decorates the ``main`` of a command: what the user can repair ends it with one line.

    The line is ``<command>: error: <message>`` on standard error; the exit status is 1.
    """
    name = short_name(main.__globals__["__spec__"])

    @functools.wraps(main)
    def framed(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            # A terminal of few characters, or a name of a file that is none, ends no command.
            sys.stdout.reconfigure(errors="backslashreplace")
        try:
            with _terminable():
                main(*args, **kwargs)
                sys.stdout.flush()
        except OSError as error:
            if not _output_works() and error.filename is None:
                error.filename = "standard output"
            _fail(name, os_message(error))
        except (InputError, ResourceError, DownloadError) as error:
            _fail(name, str(error))
        except ImportError as error:
            line = missing_package(error)
            if line is None:
                raise
            _fail(name, line)
        except (MemoryError, RuntimeError) as error:
            if not _lacks_memory(error):
                raise
            _fail(name, "memory is lacking; ask for less at once, or take a larger machine")
        except KeyboardInterrupt as error:
            print(f"{name}: {interrupted_line(error)}", file=sys.stderr)
            sys.exit(STATUS)

    return framed


def short_name(spec: ModuleSpec) -> str:
    """The name of a command: that of its module, without the package."""
    return spec.name.rpartition(".")[2]


def os_message(error: OSError) -> str:
    """An error of the system in words: the file, what happened, what to look at."""
    reason = error.strerror or str(error) or type(error).__name__
    if error.filename is None:
        return f"{reason}; check the files and folders of the command"
    return f"{error.filename}: {reason}; check its path, permissions and disk"


def _fail(name: str, message: str) -> NoReturn:
    print(f"{name}: error: {' '.join(message.splitlines())}", file=sys.stderr)
    sys.exit(1)


def _output_works() -> bool:
    """Whether standard output takes what was printed; if not, Python need not try again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def _lacks_memory(error: MemoryError | RuntimeError) -> bool:
    words = str(error).lower()
    return isinstance(error, MemoryError) or any(phrase in words for phrase in _NO_MEMORY)


@contextmanager
def _terminable() -> Iterator[None]:
    """Lets SIGTERM end a program as an error does, so that what it has begun is cleared away."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
