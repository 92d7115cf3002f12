"""One line for bad input, wherever it was raised, and a traceback for everything else."""

import pytest
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
