"""Hostile texts for the configurations in checkpoints, and a witness of what they do."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# A word that no other code has; the canary is a file of this name, or a folder with one.
TOKEN = "canary"
STARTS = {"os.system", "subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"}
OPENS = {"open", "os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.rename", "os.chmod"}
CONNECTS = {"socket.connect", "socket.getaddrinfo", "urllib.Request"}


def hostile_texts(folder: Path) -> dict[str, str]:
    """A text for each thing that must not happen; the files that they name lie in a folder."""
    return {
        "code": f"__import__('os').system('touch {TOKEN}')",
        "file": str(folder / TOKEN),
        "relative file": TOKEN,
        "package": str(folder / f"{TOKEN}_package"),
        "address": f"http://127.0.0.1:9/{TOKEN}",
        "list": f"[print('{TOKEN}')] * 2",
    }


def write_canaries(folder: Path) -> None:
    """A file, and a package that would be imported."""
    (folder / TOKEN).write_text("2 4\nthe 1 2 3 4\n")
    (folder / f"{TOKEN}_package").mkdir()
    (folder / f"{TOKEN}_package" / "__init__.py").write_text("raise SystemExit('imported')\n")


_seen: list[str] | None = None


def _witness(event: str, arguments: tuple) -> None:
    if _seen is None:
        return
    if event == "socket.connect" and isinstance(arguments[1], str):
        return  # processes of one program among themselves
    if event in STARTS or event in CONNECTS:
        _seen.append(f"{event} {arguments}")
    elif event in OPENS and _is_canary(arguments[0]):
        _seen.append(f"{event} {arguments[0]}")
    elif event == "import" and TOKEN in str(arguments[0]):
        _seen.append(f"import {arguments[0]}")
    elif event == "exec" and TOKEN in repr(_texts(arguments[0])):
        _seen.append(f"exec {arguments[0]}")


def _is_canary(path: object) -> bool:
    if not isinstance(path, str | bytes | Path):
        return False
    name = str(path, errors="replace") if isinstance(path, bytes) else str(path)
    return Path(name).name.startswith(TOKEN)


def _texts(code: Any) -> list:
    inner = [_texts(part) for part in code.co_consts if hasattr(part, "co_consts")]
    return [*code.co_consts, *code.co_names, *inner]


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collects what Python does with a hostile text: starts, connections, files, imports, code."""
    global _seen
    if not hasattr(sys, "_hostile_texts"):
        sys.addaudithook(_witness)
        sys._hostile_texts = True  # type: ignore[attr-defined]
    _seen = seen = []
    try:
        yield seen
    finally:
        _seen = None
