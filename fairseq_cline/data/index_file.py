"""Index files (.idx) of fairseq's mmap datasets, checked before fairseq's own reader sees them.

A header (magic, version, element type, count), then for each item its size (int32) and where in
the .bin it begins (int64, bytes). The items follow each other without gaps, so all of the file can
be checked against itself and against the size of the .bin.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from data_prep.errors import InputError

_HEADER = struct.Struct("<9sQBQ")
_MAGIC, _VERSION = b"MMIDIDX\x00\x00", 1
# fairseq's numbers for the types of the elements; those for floating point are no symbols.
_TYPES = {1: np.uint8, 2: np.int8, 3: np.int16, 4: np.int32, 5: np.int64}
_TYPES |= {8: np.uint16, 9: np.uint32, 10: np.uint64}
_CHUNK = 1 << 20  # items checked at a time


@dataclass(frozen=True)
class StoredItems:
    """The N items of a .bin file."""

    sizes: np.ndarray  # (N,)
    elements: np.ndarray  # all items, one after the other


def read_items(prefix: str) -> StoredItems:
    """Opens `prefix`.idx and `prefix`.bin; both stay on disk.

    Raises:
        InputError: a file is missing or damaged, or there is no item.
    """
    index, data = f"{prefix}.idx", f"{prefix}.bin"
    for path in (index, data):
        if not os.path.isfile(path):
            raise InputError(f"{path}: no such file; copy the data-bin again, or make it again")
    dtype, count = _read_header(index)
    if not count:
        raise InputError(f"{index}: no item in it; make the data-bin again, of more text")
    numbers = np.memmap(index, np.uint8, "r")[_HEADER.size :]
    sizes = np.frombuffer(numbers[: 4 * count], np.int32)
    pointers = np.frombuffer(numbers[4 * count :], np.int64)
    end = 0
    for expected, found in _begins(sizes, pointers, dtype.itemsize):
        if not np.array_equal(expected[:-1], found) or (np.diff(expected) < 0).any():
            raise _damaged(index, "its items do not follow each other")
        end = int(expected[-1])
    if os.path.getsize(data) != end:
        raise InputError(
            f"{data}: has {os.path.getsize(data):,} bytes, its index says {end:,} (cut short or "
            "changed); copy it again, or make the data-bin again"
        )
    if not end:
        raise InputError(f"{data}: nothing in it; make the data-bin again, of more text")
    return StoredItems(sizes, np.memmap(data, dtype, "r"))


def _read_header(path: str) -> tuple[np.dtype, int]:
    with open(path, "rb") as file:
        header = file.read(_HEADER.size)
    if len(header) < _HEADER.size or not header.startswith(_MAGIC):
        raise _damaged(path, "it does not begin like one")
    _, version, code, count = _HEADER.unpack(header)
    if version != _VERSION or code not in _TYPES:
        raise _damaged(path, f"version {version}, element type {code}")
    expected = _HEADER.size + 12 * count
    if os.path.getsize(path) != expected:
        raise _damaged(path, f"{os.path.getsize(path):,} bytes for {count:,} items")
    return np.dtype(_TYPES[code]), count


def _begins(
    sizes: np.ndarray, pointers: np.ndarray, itemsize: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields, for n items at a time, their places by their sizes (n + 1,) and as stored (n,)."""
    end = np.zeros(1, dtype=np.int64)
    for start in range(0, len(sizes), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        expected = np.concatenate([end, end + itemsize * np.cumsum(sizes[chunk], dtype=np.int64)])
        yield expected, pointers[chunk]
        end = expected[-1:]


def _damaged(path: str, why: str) -> InputError:
    return InputError(
        f"{path}: is damaged ({why}), or no index of fairseq; copy the data-bin again, or make it "
        "again"
    )
