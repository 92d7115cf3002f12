"""One line for bad input, wherever it was raised, and a traceback for everything else."""

from types import TracebackType

import pytest
from omegaconf.errors import ValidationError
from torch.multiprocessing import ProcessRaisedException

from data_prep.errors import InputError
from fairseq_cline.compat import messages


def wrapped(error):
    """A general exception raised while another is handled, as by fairseq's trainer."""
    try:
        try:
            raise error
        except ValueError:
            raise RuntimeError("Cannot load model parameters") from None
    except RuntimeError as outer:
        return outer


IN_WORKER = (
    "Caught InputError in DataLoader worker process 0.\nOriginal Traceback (most recent call last):"
    '\n  File "x.py", line 1, in f\ndata_prep.errors.InputError: bad file\n'
)


@pytest.mark.parametrize(
    "error",
    [
        InputError("bad file"),
        wrapped(InputError("bad file")),
        InputError(IN_WORKER),
        ProcessRaisedException("-- Process 1 terminated\n" + IN_WORKER, 1, 1234),
    ],
    ids=["plain", "wrapped", "data loader", "spawned"],
)
def test_bad_input_is_one_line(capsys, error):
    messages.one_line(pytest.fail, type(error), error, None)
    assert capsys.readouterr().err == "fairseq_cline: error: bad file\n"


def test_other_errors_keep_their_traceback(capsys):
    seen = []
    error = wrapped(ValueError("a bug"))
    messages.one_line(lambda *given: seen.append(given), type(error), error, None)
    assert seen == [(type(error), error, None)]
    assert capsys.readouterr().err == ""


def raised_in(file: str, name: str, error: Exception) -> TracebackType | None:
    """The traceback of an error that a function of that file raises."""
    names = {"error": error}
    exec(compile(f"def {name}(): raise error", file, "exec"), names)  # noqa: S102
    try:
        names[name]()
    except type(error) as caught:
        return caught.__traceback__


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (FileNotFoundError("Dataset not found: a (b)"), "Dataset not found: a (b); check the data"),
        (
            AssertionError("Must specify batch size either with --max-tokens or --batch-size"),
            "Must",
        ),
        (
            Exception("Size of sample #0 is invalid (=(9, 0)) since max_positions=(8, 8), skip it"),
            "Size of sample #0 is invalid (=(9, 0)) since max_positions=(8, 8), skip it; or give",
        ),
        (AssertionError("Must specify --max-tokens"), "Must specify --max-tokens; --num-batch"),
        (OSError(28, "No space left on device", "x.log"), "x.log: No space left on device; check"),
        (
            RuntimeError("\"a_cpu\" not implemented for 'Half'"),
            "\"a_cpu\" not implemented for 'Half'; leave out --fp16 or --bf16",
        ),
        (KeyError("bleu"), "--best-checkpoint-metric bleu: validation has no such figure"),
        (ValidationError("field 'a.b_c' is not Optional"), "--b-c is missing; give it"),
        (ValidationError("Value 'x' is no number\nmore"), "--b-c: Value 'x' is no number; correct"),
    ],
)
def test_what_a_binary_says_is_one_line_too(capsys, error, message):
    if isinstance(error, ValidationError):
        error.full_key = "a.b_c"
    trace = raised_in("/lib/fairseq_cli/train.py", "validate", error)
    messages.one_line(pytest.fail, type(error), error, trace)
    shown = capsys.readouterr().err
    assert shown.startswith(f"fairseq_cline: error: {message}") and shown.count("\n") == 1


@pytest.mark.parametrize(
    ("file", "name", "error"),
    [
        ("/lib/other/train.py", "validate", OSError(28, "No space left on device", "x.log")),
        ("/lib/fairseq_cli/train.py", "train", KeyError("bleu")),
        ("/lib/fairseq_cli/train.py", "train", ValueError("a bug")),
    ],
)
def test_errors_of_other_programs_and_bugs_keep_their_traceback(file, name, error):
    seen = []
    trace = raised_in(file, name, error)
    messages.one_line(lambda *given: seen.append(given), type(error), error, trace)
    assert seen == [(type(error), error, trace)]
