"""One line for what the user can repair, in place of a traceback, and no warnings about hydra."""

import os
import re
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from omegaconf.errors import OmegaConfBaseException
from torch.multiprocessing import ProcessRaisedException

from data_prep.errors import InputError
from data_prep.files.command_line import os_message
from fairseq_cline.compat.patching import Wrapper, patch

# fairseq calls hydra 1.3 in the way of hydra 1.0, which says so several times in every run.
_ABOUT_HYDRA = (
    r"\s*(hydra\.experimental|The (version_base|strict)|In 'config': Usage|'config' is validated)"
)
# A spawned worker or a data-loading process hands over the text of its traceback only.
_IN_TEXT = re.compile(rf"^{re.escape(InputError.__module__)}\.InputError: (.+)", re.MULTILINE)


def input_error_message(error: BaseException | None) -> str | None:
    """The message of the first InputError on the chain of causes, None if there is none."""
    for cause in _causes(error):
        if isinstance(cause, InputError | ProcessRaisedException):
            in_text = _IN_TEXT.search(str(cause))
            if in_text:
                return in_text[1]
            if isinstance(cause, InputError):
                return str(cause)
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it was raised from, one after the other."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


# What fairseq says in words when it ends -> the remedy.
_REMEDIES = {
    r"Dataset not found: ": "check the data folder and the names of its splits",
    r"Must specify batch size either with --max-tokens or --batch-size": "give one of the two",
    r"Must specify --max-tokens": "--num-batch-buckets needs it",
    r"Sentences lengths should not exceed max_tokens=\d+": "give a larger --max-tokens",
    r"The dataset is empty\.": "give longer --max-tokens and positions, or other data",
    r"Size of sample #\d+ is invalid": "or give shorter text, in --input or the data",
    r"Torch not compiled with CUDA enabled": "add --cpu, or leave out what needs a GPU",
    r"\"\w+\" not implemented for '(Half|BFloat16)'": "leave out --fp16 or --bf16",
    r"\w+ is required!": "give the option of that name",
    r"shard_id must be between 0 and num_shards": "give a --shard-id below --num-shards",
}


def _configuration_message(error: OmegaConfBaseException) -> str:
    """The option that does not fit a configuration, and what to do about it."""
    flag = "--" + error.full_key.rpartition(".")[2].replace("_", "-")
    reason = str(error).partition("\n")[0]
    if "is not Optional" in reason:
        return f"{flag} is missing; give it"
    return f"{flag}: {reason}; correct it, or give the --criterion that belongs to the --task"


def stock_message(error: BaseException, trace: TracebackType | None) -> str | None:
    """The message of an error of a fairseq program that the user can repair; None of another."""
    frames = [frame for frame, _ in traceback.walk_tb(trace)]
    if not any(Path(frame.f_code.co_filename).parent.name == "fairseq_cli" for frame in frames):
        return None
    for cause in _causes(error):
        if isinstance(cause, OmegaConfBaseException) and cause.full_key:
            return _configuration_message(cause)
    if isinstance(error, KeyError) and frames[-1].f_code.co_name == "validate":
        return f"--best-checkpoint-metric {error.args[0]}: validation has no such figure; give one"
    first_line = str(error).partition("\n")[0]
    for words, remedy in _REMEDIES.items():
        if re.match(words, first_line):
            return f"{first_line}; {remedy}"
    return os_message(error) if isinstance(error, OSError) and error.filename else None


def one_line(
    stock: Wrapper,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Prints the message of what a user can repair; leaves every other error to ``stock``."""
    message = input_error_message(error) or stock_message(error, trace)
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
