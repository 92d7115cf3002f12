"""The frame of a command: its name, its help, and one line for what the user can repair."""

import os
import signal
import sys
from importlib.machinery import ModuleSpec

import pytest

from data_prep.errors import DownloadError, InputError, ResourceError
from data_prep.files.command_line import command, command_parser
from data_prep.files.interrupts import keeping

__spec__ = ModuleSpec("data_prep.greet", None)


@command
def main(error: BaseException | None = None) -> None:
    """Greets."""
    if error:
        raise error
    print("hello")


def test_the_parser_has_the_name_that_is_typed(capsys):
    parser = command_parser(__spec__, "Greets.\n\n    as written")
    with pytest.raises(SystemExit):
        parser.parse_args(["--help"])
    shown = capsys.readouterr().out
    assert shown.startswith("usage: python -m data_prep.greet") and "\n    as written\n" in shown


def test_a_command_without_an_error_does_its_work(capsys):
    main()
    assert capsys.readouterr() == ("hello\n", "")
    assert (main.__name__, main.__doc__) == ("main", "Greets.")


@pytest.mark.parametrize("kind", [InputError, ResourceError, DownloadError])
def test_what_the_user_can_repair_is_one_line(kind, capsys):
    with pytest.raises(SystemExit) as end:
        main(kind("this is wrong; do that"))
    assert end.value.code == 1
    assert capsys.readouterr() == ("", "greet: error: this is wrong; do that\n")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            OSError(28, "No space left on device", "x.json"),
            "x.json: No space left on device; check",
        ),
        (OSError(27, "File too large"), "File too large; check the files and folders"),
        (OSError("no address"), "no address; check the files"),
        (BrokenPipeError(), "BrokenPipeError; check the files"),
    ],
)
def test_errors_of_the_system_are_told_in_words(error, message, capsys):
    with pytest.raises(SystemExit) as end:
        main(error)
    assert end.value.code == 1
    assert capsys.readouterr().err.startswith(f"greet: error: {message}")


def test_sigterm_clears_away_what_was_begun():
    done = []

    @command
    def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            done.append("cleared")

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as end:
        work()
    assert end.value.code == 128 + signal.SIGTERM and done == ["cleared"]
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")],
)
def test_a_lack_of_memory_is_told_in_words(error, capsys):
    with pytest.raises(SystemExit) as end:
        main(error)
    assert end.value.code == 1
    assert capsys.readouterr().err.startswith("greet: error: memory is lacking; ask for less")


def test_an_interrupted_command_ends_as_such(capsys):
    with pytest.raises(SystemExit) as end:
        main(KeyboardInterrupt())
    assert end.value.code == 130
    assert capsys.readouterr().err == (
        "greet: interrupted; nothing of what it began is left; give the same command again\n"
    )


def test_an_interrupted_command_says_what_it_keeps(capsys):
    with pytest.raises(KeyboardInterrupt) as end, keeping("the attacks in a.jsonl stay"):
        raise KeyboardInterrupt
    with pytest.raises(SystemExit):
        main(end.value)
    assert capsys.readouterr().err == (
        "greet: interrupted; the attacks in a.jsonl stay; give the same command again to go on\n"
    )


def test_the_console_script_has_its_own_name(monkeypatch):
    assert command_parser(__spec__, "Greets.").prog == "python -m data_prep.greet"
    monkeypatch.setattr(sys, "argv", ["/usr/bin/fairseq-cline", "greet"])
    assert command_parser(__spec__, "Greets.").prog == "fairseq-cline greet"


def test_no_option_can_be_shortened():
    parser = command_parser(__spec__, "Greets.")
    parser.add_argument("--train-examples")
    with pytest.raises(InputError, match="unrecognized arguments: --train"):
        parser.parse_args(["--train", "9"])


@pytest.mark.parametrize("error", [ZeroDivisionError(), RuntimeError("a bug"), RecursionError()])
def test_other_errors_keep_their_traceback(error):
    with pytest.raises(type(error)):
        main(error)


def test_wrong_arguments_are_wrong_input(capsys):
    parser = command_parser(__spec__, "Greets.")
    parser.add_argument("--count", type=int)
    message = (
        "--count: invalid int value: 'x'; python -m data_prep.greet --help tells what it takes"
    )
    with pytest.raises(InputError, match=f"^{message}$"):
        parser.parse_args(["--count", "x"])
    assert capsys.readouterr() == ("", "")


def test_a_message_is_one_line_whatever_a_file_is_called(capsys):
    with pytest.raises(SystemExit):
        main(InputError("a\nb: no such file"))
    assert capsys.readouterr().err == "greet: error: a b: no such file\n"


def test_every_character_can_be_printed(monkeypatch, tmp_path):
    @command
    def show() -> None:
        print("5 ± 1 \udcff")

    with open(tmp_path / "out", "w", encoding="ascii") as ascii_only:
        monkeypatch.setattr(sys, "stdout", ascii_only)
        show()
    assert (tmp_path / "out").read_text() == "5 \\xb1 1 \\udcff\n"


def test_a_full_standard_output_is_named(monkeypatch, capsys):
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit) as end:
            main()
    assert end.value.code == 1
    assert capsys.readouterr().err.startswith(
        "greet: error: standard output: No space left on device; check"
    )
