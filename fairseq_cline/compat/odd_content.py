"""The words for an error that the content of a checkpoint has caused, in fairseq, torch or omegaconf."""

import re
from pathlib import Path
from types import TracebackType

from data_prep.errors import InputError

# Raised where code meets a value that it did not expect; others are no fault of a checkpoint.
_KINDS = (ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, MemoryError)
_KINDS += (NotImplementedError, RuntimeError, TypeError, ValueError)
_CONFIGURATION = ("hydra", "omegaconf", "antlr4")
_OURS = Path(__file__).resolve().parents[1]

_NAMES = re.compile(r'(Missing|Unexpected) key\(s\) in state_dict: "([^"]*)"([^\n]*)')
_SHAPE = re.compile(
    r"size mismatch for (\S+): .*?torch\.Size\((\[.*?\])\).*?torch\.Size\((\[.*?\])\)"
)


def in_words(error: BaseException) -> str | None:
    """A line about the content that caused an error, None if it may be a fault of the program.

    An error that this package's own code has raised, other than InputError, is such a fault.
    """
    if isinstance(error, InputError):
        return str(error)
    is_of_content = (
        isinstance(error, _KINDS)
        or type(error) is Exception  # fairseq raises it, as by `raise Exception("Could not ...")`
        or type(error).__module__.partition(".")[0] in _CONFIGURATION
    )
    if not is_of_content or Path(origin(error)).is_relative_to(_OURS):
        return None
    text = str(error)
    if "Error(s) in loading state_dict" in text:
        return _differences(text)
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {first[:200]}" if first else type(error).__name__


def origin(error: BaseException) -> str:
    """The file whose code raised an error."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename if trace is not None else ""


def _differences(text: str) -> str:
    """The words of torch about weights that do not fit a model, shortened to the first of each kind."""
    parts = []
    for kind, first, others in _NAMES.findall(text):
        number = 1 + others.count('"') // 2
        lacks = "lacks" if kind == "Missing" else "has, and the model does not,"
        parts.append(
            f"the checkpoint {lacks} {first}" + (f" and {number - 1} more" if number > 1 else "")
        )
    shapes = _SHAPE.findall(text)
    for name, saved, here in shapes[:1]:
        more = f" (and {len(shapes) - 1} more)" if len(shapes) > 1 else ""
        parts.append(f"{name} is {saved} in the checkpoint and {here} in the model{more}")
    return "; ".join(parts) or "the weights are of another model"
