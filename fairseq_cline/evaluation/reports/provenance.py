"""The provenance of a result: command, checkpoints, commit, machine, versions, date."""

import datetime
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
# Files that a result depends on; others may be edited meanwhile.
CODE = ("data_prep", "fairseq_cline", "run", "pyproject.toml", ":(exclude)run/results")
MODIFIED = "+"  # behind a commit


def provenance(checkpoints: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The facts that somebody needs to get the same figures again.

    Args:
        checkpoints: name -> path of the models that were evaluated.
    """
    paths = {name: Path(path).resolve() for name, path in (checkpoints or {}).items()}
    found = [_path_in(word) for word in sys.orig_argv[1:]]
    shown = shown_paths([*paths.values(), *filter(None, found)])
    models = {name: {"checkpoint": shown[path], **_updates(path)} for name, path in paths.items()}
    return {
        "command": shlex.join(["python", *(_portable(word, shown) for word in sys.orig_argv[1:])]),
        **({"checkpoints": models} if models else {}),
        "commit": _commit(),
        "cores": os.cpu_count() or 0,
        "date": datetime.date.today().isoformat(),
        "machine": _gpu() or _processor(),
        "python": platform.python_version(),
        "torch": metadata.version("torch"),
    }


def modified_commit(report: Mapping[str, Any]) -> str:
    """The commit of a report whose code differed from it; "" of any other report."""
    origin = report.get("provenance")
    commit = str(origin.get("commit", "")) if isinstance(origin, dict) else ""
    return commit if commit.endswith(MODIFIED) else ""


def modified_files(reports: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Path -> commit of the reports whose code differed from it.

    Args:
        reports: path -> report.
    """
    commits = {path: modified_commit(report) for path, report in reports.items()}
    return {path: commit for path, commit in commits.items() if commit}


def shown_paths(paths: Iterable[Path]) -> dict[Path, str]:
    """Path -> how it is shown to others: as seen from the repository; outside, by its last parts.

    These are the fewest that tell it from the other paths: where things lie on this machine is
    nobody else's business.
    """
    distinct = dict.fromkeys(paths)
    outside = [path for path in distinct if not path.is_relative_to(ROOT)]
    return {
        path: _tail(path, outside) if path in outside else str(path.relative_to(ROOT))
        for path in distinct
    }


def _tail(path: Path, others: Iterable[Path]) -> str:
    for count in range(1, len(path.parts) + 1):
        end = path.parts[-count:]
        if not any(other != path and other.parts[-count:] == end for other in others):
            break
    return str(Path(*end))


def _path_in(word: str) -> Path | None:
    """The path in a word of the command, as ``path`` or ``NAME=path``."""
    value = word.rpartition("=")[2]
    return Path(value).resolve() if os.sep in value else None


def _portable(word: str, shown: Mapping[Path, str]) -> str:
    """A word of the command; a path in it as it is shown."""
    option, equals, _ = word.rpartition("=")
    path = _path_in(word)
    return option + equals + shown[path] if path else word


def _updates(path: Path) -> dict[str, int]:
    """The number of updates that a checkpoint was trained for, if it says so."""
    import torch  # slow to import

    # The model was read from it before: what cannot be read here is of another form.
    with suppress(Exception):
        state = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
        updates = state["optimizer_history"][-1]["num_updates"]
        if isinstance(updates, int) and not isinstance(updates, bool):
            return {"updates": updates}
    return {}


def _commit() -> str:
    """The commit, with `MODIFIED` behind it when the code differs; else the installed version."""
    # No results are lost because git is missing, or distrusts the owner of the folder.
    with suppress(OSError, subprocess.CalledProcessError):
        if (ROOT / ".git").exists():
            commit = _git("describe", "--always", "--abbrev=7")
            return commit + MODIFIED * bool(_git("status", "--porcelain", "--", *CODE))
    with suppress(metadata.PackageNotFoundError):
        return f"version {metadata.version('fairseq-cline')}"
    return "unknown"


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _gpu() -> str | None:
    """The name of the GPU; None of a process that has not loaded torch, or found no GPU."""
    torch = sys.modules.get("torch")
    return torch.cuda.get_device_name() if torch and torch.cuda.is_available() else None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
