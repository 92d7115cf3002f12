"""The driver: makes inputs, runs cases, counts faults."""

import json
import shlex
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from fuzz.binary_options import binary_options
from fuzz.cases import Case, copy_inputs, make_case
from fuzz.entries import ENTRIES, PREPARATION
from fuzz.entry import Entry
from fuzz.inputs import make_inputs
from fuzz.judge import FAULTS, faults, state_of
from fuzz.marks import put_marks
from fuzz.processes import Done, run_program
from tqdm import tqdm

SECONDS = 40.0  # a program that runs longer hangs


class Verdict(NamedTuple):
    """A case that was run."""

    number: int
    case: Case
    done: Done
    faults: list[tuple[str, str]]


class Fuzz:
    """Runs cases on inputs that it makes once.

    Args:
        folder: for everything that is written.
        only: parts of the names of the entries that are tried; none: all are.
    """

    def __init__(self, folder: Path, only: Sequence[str] = ()) -> None:
        self._folder, self._scratch = folder, folder / "scratch"
        self._scratch.mkdir()
        chosen = [entry for entry in ENTRIES if not only or any(o in entry.name for o in only)]
        if not chosen:
            raise SystemExit(f"--only {' '.join(only)}: no such entry; see tests/fuzz/entries.py")
        self.entries = chosen
        self._inputs = folder / "inputs"
        self._inputs.mkdir()
        make_inputs(self._inputs, self._make)
        self._options = {entry.name: self._options_of(entry) for entry in chosen}

    def _make(self, *words: object) -> None:
        done = run_program([*map(str, words)], self._inputs, 120, self._scratch)
        if done.status != 0:
            raise RuntimeError(f"{shlex.join(map(str, words))}: {done.output}{done.errors}")

    def _options_of(self, entry: Entry) -> dict[str, str]:
        if entry.options is not None:
            return dict(entry.options)
        if entry.module.startswith("fairseq_cli."):
            return binary_options(entry.module, entry.words)
        done = run_program(["fuzz.options", entry.module], self._folder, 60, self._scratch)
        return json.loads(done.output)

    def valid_runs(self) -> Iterator[tuple[Entry, Done, list[str]]]:
        """Runs each entry without a mutation, and once more with marks before the texts that it reads.

        Yields the entry, its end, and what the marks have changed: nothing, if all is well.
        """
        for number, entry in enumerate(tqdm(self.entries, unit="entry")):
            plain, marked = (self._folder / f"{kind}{number}" for kind in ("valid", "marked"))
            copy_inputs(entry, self._inputs, plain)
            copy_inputs(entry, self._inputs, marked)
            done, changed = run_program(entry.words, plain, SECONDS, self._scratch), []
            if put_marks(entry, marked):
                other = run_program(entry.words, marked, SECONDS, self._scratch)
                # The log of a binary has times, and fairseq-interactive is a reader of its own.
                is_ours = not entry.module.startswith("fairseq_cli.")
                if other.status != done.status or (is_ours and other.output != done.output):
                    changed.append(f"{other.status}\n{other.output}{other.errors}")
                # A report has the SHA-256 of what was evaluated.
                if entry.module.startswith(PREPARATION):
                    files = state_of(plain / "out").items() ^ state_of(marked / "out").items()
                    changed += sorted({name for name, _ in files})
            yield entry, done, changed

    def run(self, seed: int, number: int) -> Verdict:
        """Makes a case, runs it and judges it."""
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            folder = Path(name) / "case"
            case = make_case(self.entries, self._options, self._inputs, folder, seed, number)
            before = state_of(folder)
            done = run_program(case.words, folder, SECONDS, self._scratch)
            after = state_of(folder)
        found = faults(done, case.subjects, case.must_refuse, before, after, case.outputs)
        return Verdict(number, case, done, found)


def table(verdicts: Sequence[Verdict]) -> str:
    """The counts, as one line of Markdown."""
    kinds = Counter(kind for verdict in verdicts for kind in {kind for kind, _ in verdict.faults})
    refused = sum(1 for verdict in verdicts if verdict.done.status not in (0, None))
    figures = {"cases": len(verdicts), "refused": refused, **{kind: kinds[kind] for kind in FAULTS}}
    lines = (figures, ["---:"] * len(figures), figures.values())
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def describe(verdict: Verdict, repeat: str) -> str:
    """The faults of a case, and the command that repeats it."""
    faults_ = "\n".join(f"  {kind}: {words:.400}" for kind, words in verdict.faults)
    line = shlex.join(
        [word if len(word) < 200 else word[:100] + "..." for word in verdict.case.words]
    )
    return f"{verdict.case.description}\n  {line}\n{faults_}\n  {repeat} --case {verdict.number}\n"
