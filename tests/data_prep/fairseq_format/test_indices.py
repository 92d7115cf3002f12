"""Indices of binary datasets: fairseq reads them, however they are written."""

import numpy as np
from fairseq.data.indexed_dataset import MMapIndexedDataset

from data_prep.fairseq_format import indices
from data_prep.fairseq_format.indices import write_index


def test_fairseq_reads_the_items(tmp_path):
    items = [np.arange(size, dtype=np.uint16) for size in (3, 1, 4)]
    (tmp_path / "text.bin").write_bytes(b"".join(item.tobytes() for item in items))
    (tmp_path / "sizes").write_bytes(np.array([3, 1, 4], dtype=np.int32).tobytes())
    write_index(tmp_path / "text.idx", tmp_path / "sizes", np.dtype(np.uint16))
    stored = MMapIndexedDataset(str(tmp_path / "text"))
    assert [item.tolist() for item in stored] == [item.tolist() for item in items]


def test_an_index_in_chunks_equals_an_index_at_once(tmp_path, monkeypatch):
    sizes = np.random.default_rng(1).integers(1, 9, 1000).astype(np.int32)
    (tmp_path / "sizes").write_bytes(sizes.tobytes())
    write_index(tmp_path / "whole", tmp_path / "sizes", np.dtype(np.int32))
    monkeypatch.setattr(indices, "_CHUNK", 7)
    write_index(tmp_path / "parts", tmp_path / "sizes", np.dtype(np.int32))
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "parts").read_bytes()
