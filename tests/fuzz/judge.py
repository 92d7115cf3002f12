"""The oracle: everything that is wrong with a run on bad input.

A refusal ends with a status other than 0 and one line, the last on standard error, that has
``error: ``, names the file or the flag, and says what to do. Whether it does that is seen by two
simple signs: a ``;`` (what is wrong; what to do), or a word of ``REMEDY``. argparse prints how the
program is called above its line, which counts as a remedy too.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from fuzz.processes import Done

from data_prep.files.checksums import file_sha256

TRACEBACK, ACCEPTED, UNCLEAR, LEFTOVER, HANG = FAULTS = (
    "traceback",
    "wrong acceptance",
    "refusal without remedy",
    "leftover",
    "hang",
)
REMEDY = re.compile(
    r";|\bmust be\b|\bexpected\b|\bexpects\b|\binstead\b|\bchoose\b|\bgive\b|\buse\b|\bmake\b|"
    r"\bcheck\b|\bremove\b|\btry\b|\bleave\b|\bis none of\b|\bnot one of\b",
    re.IGNORECASE,
)
SAVE_DIR = "out/save"  # fairseq-train makes it before it reads anything
State = Mapping[str, str]


def state_of(folder: Path) -> State:
    """Everything in a folder: name -> what it is, the content of files too; links are not followed."""
    return {str(path.relative_to(folder)): _kind(path) for path in sorted(folder.rglob("*"))}


def _kind(path: Path) -> str:
    if path.is_symlink():
        return f"link to {path.readlink()}"
    if path.is_file():
        return file_sha256(path)
    return "folder" if path.is_dir() else "special file"


def faults(
    done: Done,
    subjects: Sequence[str],
    must_refuse: bool,
    before: State,
    after: State,
    beside: Sequence[str] = (),
) -> list[tuple[str, str]]:
    """Everything that is wrong: a kind of ``FAULTS``, and the line or the file that shows it.

    Args:
        subjects: the message of a refusal must have one of them.
        must_refuse: acceptance is a fault.
        before, after: of the folder that the program could write to.
        beside: files, or folders, that a success may write beside its input.
    """
    if done.status is None:
        return [(HANG, f"killed after {done.seconds:.0f} s")]
    found = []
    texts = done.output + done.errors
    if done.status < 0 or "Traceback (most recent call last)" in texts:
        last = texts.strip().splitlines()[-1:] or [""]
        signal = f"ended by signal {-done.status}: " if done.status < 0 else ""
        found.append((TRACEBACK, signal + last[0]))
    elif done.status:
        found += _unclear(done, subjects)
    elif must_refuse:
        found.append((ACCEPTED, (done.output.strip().splitlines() or [""])[-1]))
    left = [*_leftovers(before, after, refused=done.status != 0, beside=beside)]
    return found + [(LEFTOVER, ", ".join(left))] * bool(left)


def _unclear(done: Done, subjects: Sequence[str]) -> list[tuple[str, str]]:
    lines = [line for line in re.split(r"[\n\r]", done.errors) if line.strip()]
    last = lines[-1] if lines else ""
    _, mark, message = last.partition("error: ")
    if not mark:
        return [(UNCLEAR, f"no line with an error at the end: {last}")]
    usage = any(line.startswith("usage: ") for line in lines)
    reasons = []
    if subjects and not any(subject in message for subject in subjects):
        reasons.append("names neither file nor flag")
    if not usage and not REMEDY.search(message):
        reasons.append("no remedy")
    return [(UNCLEAR, f"{', '.join(reasons)}: {last}")] * bool(reasons)


def _leftovers(before: State, after: State, refused: bool, beside: Sequence[str]):
    """Names that are new or changed and should not be.

    A success may write to ``out``; ``SAVE_DIR`` may be there, with nothing in it.
    """
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) == after.get(name):
            continue
        inside = name.split("/")
        allowed = not refused and (inside[0] == "out" or any(part in beside for part in inside))
        if not allowed and name != SAVE_DIR:
            yield f"{name} {'changed' if name in before and name in after else ''}".strip()
