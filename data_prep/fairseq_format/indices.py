"""Indices of fairseq's mmap datasets, written without holding the sizes in memory."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

_CHUNK = 1 << 20  # sizes read at a time
# fairseq's numbers for the types of the tokens.
_DTYPES = {np.dtype(np.uint8): 1, np.dtype(np.int32): 4, np.dtype(np.uint16): 8}


def write_index(path: Path, sizes: Path, dtype: np.dtype) -> None:
    """Writes the ``.idx`` of a ``.bin`` from a file of its items' sizes.

    Layout: magic, version, element type, count, sizes (int32), byte offsets (int64).

    Args:
        sizes: tokens of each item as int32.
        dtype: of the tokens in the ``.bin``.
    """
    count = sizes.stat().st_size // 4
    with path.open("wb") as out:
        out.write(b"MMIDIDX\x00\x00" + struct.pack("<QBQ", 1, _DTYPES[dtype], count))
        with sizes.open("rb") as source:
            shutil.copyfileobj(source, out)
        offset = 0
        for chunk in _int32_chunks(sizes):
            ends = offset + np.cumsum(chunk, dtype=np.int64) * dtype.itemsize
            out.write(np.concatenate([[offset], ends[:-1]]).astype(np.int64).tobytes())
            offset = int(ends[-1])


def _int32_chunks(path: Path) -> Iterator[np.ndarray]:
    with path.open("rb") as source:
        while data := source.read(4 * _CHUNK):
            yield np.frombuffer(data, dtype=np.int32)
