"""Index files: no flipped bit passes, with no other file to compare with."""

import random

import numpy as np
import pytest
import torch
from fairseq.data.indexed_dataset import MMapIndexedDatasetBuilder

from data_prep.errors import InputError
from fairseq_cline.data import index_file
from fairseq_cline.data.index_file import read_items

HEADER = 26  # bytes: magic, version, element type, count


@pytest.fixture
def write(tmp_path):
    """Writes items, and returns the path of their two files without the ending."""

    def write(items, dtype=np.uint16):
        prefix = str(tmp_path / "text")
        builder = MMapIndexedDatasetBuilder(f"{prefix}.bin", dtype=dtype)
        for item in items:
            builder.add_item(torch.tensor(item))
        builder.finalize(f"{prefix}.idx")
        return prefix

    return write


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.uint16, np.uint32, np.int64])
def test_items_as_they_were_written(write, dtype):
    items = read_items(write([[4, 5, 2], [2], [6, 2]], dtype))
    assert items.sizes.tolist() == [3, 1, 2]
    assert items.elements.dtype == dtype and items.elements.tolist() == [4, 5, 2, 2, 6, 2]


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.uint16, np.uint32, np.int64])
@pytest.mark.parametrize("items", [[[4, 5, 2]], [[4, 5, 2], [2], [6, 2]]])
def test_every_bit_of_an_index(write, tmp_path, dtype, items):
    prefix = write(items, dtype)
    index = tmp_path / "text.idx"
    whole = index.read_bytes()
    assert len(whole) == HEADER + 12 * len(items)
    for bit in range(8 * len(whole)):
        index.write_bytes(flipped(whole, bit))
        with pytest.raises(InputError, match=f"^{prefix}.*again"):
            read_items(prefix)


def test_bits_of_an_index_that_is_read_in_parts(write, tmp_path, monkeypatch):
    monkeypatch.setattr(index_file, "_CHUNK", 7)
    rng = random.Random(1)
    prefix = write([rng.randint(1, 9) * [4] for _ in range(100)])
    assert len(read_items(prefix).sizes) == 100
    index = tmp_path / "text.idx"
    whole = index.read_bytes()
    for _ in range(200):
        index.write_bytes(flipped(whole, rng.randrange(8 * len(whole))))
        with pytest.raises(InputError, match="again"):
            read_items(prefix)


@pytest.mark.parametrize("size", [0, 5, 9, 20, 25, 26, 40, -1])
def test_an_index_that_is_cut_short(write, tmp_path, size):
    prefix = write(50 * [[4, 5, 2]])
    index = tmp_path / "text.idx"
    index.write_bytes(index.read_bytes()[:size])
    with pytest.raises(InputError, match="text.idx: is damaged"):
        read_items(prefix)


def test_an_index_of_something_else(write, tmp_path):
    prefix = write([[4, 5, 2]])
    (tmp_path / "text.idx").write_bytes(b"a text that is no index\n" * 20)
    with pytest.raises(InputError, match="text.idx: is damaged"):
        read_items(prefix)


@pytest.mark.parametrize("items", [[], [[]]])
def test_nothing_in_it(write, items):
    with pytest.raises(InputError, match="make the data-bin again, of more text"):
        read_items(write(items))


@pytest.mark.parametrize("ending", ["idx", "bin"])
def test_a_missing_file(write, tmp_path, ending):
    prefix = write([[4, 5, 2]])
    (tmp_path / f"text.{ending}").unlink()
    with pytest.raises(InputError, match=f"text.{ending}: no such file"):
        read_items(prefix)
