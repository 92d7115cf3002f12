"""One line for what the user can repair, in place of a traceback, and no warnings about hydra."""

import os
import re
import sys
import warnings
from types import TracebackType

from torch.multiprocessing import ProcessRaisedException

from data_prep.errors import InputError
from fairseq_cline.compat.patching import Wrapper, patch

# fairseq calls hydra 1.3 in the way of hydra 1.0, which says so several times in every run.
_ABOUT_HYDRA = (
    r"\s*(hydra\.experimental|The (version_base|strict)|In 'config': Usage|'config' is validated)"
)
# A spawned worker or a data-loading process hands over the text of its traceback only.
_IN_TEXT = re.compile(rf"^{re.escape(InputError.__module__)}\.InputError: (.+)", re.MULTILINE)


def input_error_message(error: BaseException | None) -> str | None:
    """The message of the first InputError on the chain of causes, None if there is none."""
    while error is not None:
        if isinstance(error, InputError | ProcessRaisedException):
            in_text = _IN_TEXT.search(str(error))
            if in_text:
                return in_text[1]
            if isinstance(error, InputError):
                return str(error)
        error = error.__cause__ or error.__context__
    return None


def one_line(
    stock: Wrapper,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Prints the message of an InputError; leaves every other error to ``stock``."""
    message = input_error_message(error)
    if message is None:
        stock(kind, error, trace)
    else:
        print(f"fairseq_cline: error: {message}", file=sys.stderr)


def prepare() -> None:
    """Puts ``one_line`` in the place of Python's excepthook."""
    warnings.filterwarnings("ignore", _ABOUT_HYDRA, category=UserWarning)
    patch(sys, "excepthook", one_line)
    # hydra prints its own shortened traceback and exits, so that the hook would not be asked.
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")
