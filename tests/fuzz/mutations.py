"""Damage to files: each mutation changes one file, in a way that a seed decides."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple


class Mutation(NamedTuple):
    """A way to damage a file."""

    name: str
    change: Callable[[Path, Random], str]
    """Damages the file, and says how in a few words."""
    must_refuse: bool
    """Whether a program that needs the file must refuse it, whatever else the file may hold."""
    resealed: bool = False
    """Whether the checksums that a file has of itself fit again."""


def missing(path: Path, rng: Random) -> str:
    path.unlink()
    return "missing"


def directory(path: Path, rng: Random) -> str:
    path.unlink()
    path.mkdir()
    return "a directory"


def pipe(path: Path, rng: Random) -> str:
    path.unlink()
    os.mkfifo(path)
    return "a FIFO"


def loop(path: Path, rng: Random) -> str:
    path.unlink()
    path.symlink_to(path.name)
    return "a link to itself"


def empty(path: Path, rng: Random) -> str:
    path.write_bytes(b"")
    return "empty"


def swapped(path: Path, rng: Random) -> str:
    """Puts another input in its place, of any format."""
    root = next(parent for parent in path.parents if parent.name == "in")
    others = [file for file in sorted(root.rglob("*")) if file.is_file() and file != path]
    other = rng.choice(others) if others else path
    shutil.copyfile(other, path) if other != path else None
    return f"{other.relative_to(root.parent)} in its place"


def _rewrite(path: Path, change: Callable[[bytes], tuple[bytes, str]]) -> str:
    content, words = change(path.read_bytes())
    path.write_bytes(content)
    return words


def flip(path: Path, rng: Random) -> str:
    def change(old: bytes) -> tuple[bytes, str]:
        place, bit = rng.randrange(len(old)), rng.randrange(8)
        new = bytearray(old)
        new[place] ^= 1 << bit
        return bytes(new), f"bit {bit} of byte {place} flipped"

    return _rewrite(path, change)


def truncate(path: Path, rng: Random) -> str:
    def change(old: bytes) -> tuple[bytes, str]:
        end = rng.choice((len(old) - 1, rng.randrange(len(old))))
        return old[:end], f"cut off after {end} of {len(old)} bytes"

    return _rewrite(path, change)


def insert(path: Path, rng: Random) -> str:
    def change(old: bytes) -> tuple[bytes, str]:
        place = rng.choice((0, len(old), rng.randrange(len(old))))
        new = rng.randbytes(rng.choice((1, 8, 4096)))
        return old[:place] + new + old[place:], f"{len(new)} random bytes before byte {place}"

    return _rewrite(path, change)


def take_out(path: Path, rng: Random) -> str:
    def change(old: bytes) -> tuple[bytes, str]:
        start = rng.randrange(len(old))
        size = rng.choice((1, 8, 100))
        return old[:start] + old[start + size :], f"{size} bytes from byte {start} taken out"

    return _rewrite(path, change)


def zeros(path: Path, rng: Random) -> str:
    def change(old: bytes) -> tuple[bytes, str]:
        start = rng.randrange(len(old))
        end = min(start + rng.choice((8, 512)), len(old))
        return old[:start] + bytes(end - start) + old[end:], f"zeros from byte {start} to {end}"

    return _rewrite(path, change)


def not_utf8(path: Path, rng: Random) -> str:
    def change(old: bytes) -> tuple[bytes, str]:
        place = rng.choice((0, len(old), rng.randrange(len(old))))
        size = rng.choice((1, 70_000))
        return old[:place] + b"\x80" * size + old[place:], f"{size} bytes 0x80 at byte {place}"

    return _rewrite(path, change)


def utf16(path: Path, rng: Random) -> str:
    return _rewrite(path, lambda old: (old.decode().encode("utf-16"), "UTF-16"))


def byte_order_mark(path: Path, rng: Random) -> str:
    return _rewrite(path, lambda old: (b"\xef\xbb\xbf" + old, "a byte order mark before it"))


def long_line(path: Path, rng: Random) -> str:
    word = rng.choice(("x", "x ", "好", "\t", "1", "{"))
    line = word * (300_000 // len(word)) + "\n"
    return _rewrite(path, lambda old: (old + line.encode(), f"a line of 300,000 times {word!r}"))


def odd_characters(path: Path, rng: Random) -> str:
    odd = rng.choice(("\0", "\r", "\u2028", "\u200b", "\x1b[31m", "\x85", "\ud800"))

    def change(old: bytes) -> tuple[bytes, str]:
        place = rng.choice((0, len(old), rng.randrange(len(old))))
        return old[:place] + odd.encode("utf-8", "surrogatepass") + old[place:], f"{odd!r} in it"

    return _rewrite(path, change)


def line_changes(path: Path, rng: Random) -> str:
    def change(old: bytes) -> tuple[bytes, str]:
        lines = old.splitlines(keepends=True)
        number = rng.randrange(len(lines))
        kind = rng.choice(("doubled", "left out", "emptied", "shortened", "given digits"))
        line = lines[number]
        new = {
            "doubled": [line, line],
            "left out": [],
            "emptied": [b"\n"],
            "shortened": [line.split()[0] + b"\n" if line.split() else b"\n"],
            "given digits": [line.rstrip(b"\n") + b"9" * 400 + b"\n"],
        }[kind]
        lines[number : number + 1] = new
        return b"".join(lines), f"line {number + 1} {kind}"

    return _rewrite(path, change)


def nested(path: Path, rng: Random) -> str:
    bracket = rng.choice(('{"a":', "["))
    path.write_text(bracket * 100_000 + "\n")
    return f"100,000 times {bracket}"


VALUES = (None, True, -1, 0, 10**400, 1e308, float("nan"), "", "text", "\ud800", [], [[]], {})


def json_value(path: Path, rng: Random) -> str:
    """Replaces one value, of any depth, by one of another type, or takes it out."""

    def change(old: bytes) -> tuple[bytes, str]:
        lines = old.decode().splitlines() if path.suffix == ".jsonl" else [old.decode()]
        number = rng.randrange(len(lines))
        content = json.loads(lines[number])
        lines[number], words = _with_other_value(content, rng)
        return "\n".join([*lines, ""]).encode(), words

    return _rewrite(path, change)


def resealed_manifest(path: Path, rng: Random) -> str:
    """Replaces a value of a manifest by one of another type; its own SHA-256 fits again."""
    words = json_value(path, rng)
    content = json.loads(path.read_text())
    if isinstance(content, dict):
        content.pop("sha256", None)
        text = json.dumps(content, indent=1, sort_keys=True) + "\n"
        content["sha256"] = hashlib.sha256(text.encode()).hexdigest()
        path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    return f"{words}, sealed again"


def _with_other_value(content: Any, rng: Random) -> tuple[str, str]:
    found = [*places(content, "")]
    value = rng.choice(VALUES)
    if not found or rng.random() < 0.1:
        return json.dumps(value), f"{value!r:.20} as a whole"
    container, key, name = rng.choice(found)
    if rng.random() < 0.2:
        del container[key]
        return json.dumps(content), f"without {name}"
    container[key] = value
    return json.dumps(content), f"{value!r:.20} as {name}"


def places(content: Any, name: str):
    """The containers, keys and names of all values."""
    keys = [*content] if isinstance(content, dict) else range(len(content))
    for key in keys:
        inner = f"{name}/{key}"
        yield content, key, inner
        if isinstance(content[key], dict | list):
            yield from places(content[key], inner)


PLACE = (
    Mutation("missing", missing, True),
    Mutation("directory", directory, True),
    Mutation("pipe", pipe, True),
    Mutation("loop", loop, True),
    Mutation("empty", empty, True),
)
BYTES = (
    Mutation("flip", flip, False),
    Mutation("flip", flip, False),  # the most frequent damage
    Mutation("truncate", truncate, False),
    Mutation("insert", insert, False),
    Mutation("take out", take_out, False),
    Mutation("zeros", zeros, False),
    Mutation("swapped", swapped, False),
)
TEXT = (
    Mutation("not UTF-8", not_utf8, True),
    Mutation("UTF-16", utf16, True),
    Mutation("byte order mark", byte_order_mark, False),
    Mutation("long line", long_line, False),
    Mutation("odd characters", odd_characters, False),
    Mutation("lines", line_changes, False),
)
JSON = (
    Mutation("nested", nested, True),
    Mutation("JSON value", json_value, False),
    Mutation("JSON value", json_value, False),
    Mutation("JSON value", json_value, False),
)
RESEALED = (Mutation("resealed manifest", resealed_manifest, False, resealed=True),) * 4
