"""The provenance of a result: command, commit, machine, versions, date."""

import datetime
import os
import platform
import shlex
import subprocess
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def provenance() -> dict[str, str | int]:
    """The facts that somebody needs to get the same figures again."""
    return {
        "command": shlex.join(["python", *map(_portable, sys.orig_argv[1:])]),
        "commit": _commit(),
        "cores": os.cpu_count() or 0,
        "date": datetime.date.today().isoformat(),
        "machine": _gpu() or _processor(),
        "python": platform.python_version(),
        "torch": metadata.version("torch"),
    }


def _portable(word: str) -> str:
    """A word of the command; a path in it as seen from the repository, outside as a bare name."""
    option, equals, value = word.rpartition("=")
    if os.sep in value:
        path = Path(value).resolve()
        value = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
    return option + equals + value


def _commit() -> str:
    """The commit, with ``+`` behind it when files differ from it; else the installed version."""
    line = ["git", "describe", "--always", "--dirty=+"]
    # No results are lost because git is missing, or distrusts the owner of the folder.
    with suppress(OSError, subprocess.CalledProcessError):
        if (ROOT / ".git").exists():
            done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True)
            return done.stdout.strip()
    with suppress(metadata.PackageNotFoundError):
        return f"version {metadata.version('fairseq-cline')}"
    return "unknown"


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
