"""The writer of triplets: what it leaves when it is finished, killed or refused."""

import json
import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from fairseq.data.indexed_dataset import MMapIndexedDataset

from data_prep.errors import InputError
from data_prep.files.text_units import Unit
from data_prep.triplets.databin_writer import DatabinWriter
from data_prep.triplets.triplet_maker import Blocks


def blocks(value: int) -> Blocks:
    """Two blocks of 2 and 3 tokens in each version."""
    sizes = np.array([2, 3], dtype=np.int32)
    ids = np.full(5, value, dtype=np.uint16)
    return Blocks(
        {v: ids for v in ("ori", "syn", "ant")},
        {v: sizes for v in ("ori", "syn", "ant")},
        {v: np.ones(5, dtype=np.uint8) for v in ("syn", "ant")},
        Counter(blocks=2, words=5),
    )


def unit(number: int) -> Unit:
    return Unit(number, [], 0, f"digest {number}")


def test_fairseq_reads_what_was_written(tmp_path, sentencepiece_tokenizer):
    writer = DatabinWriter(tmp_path / "bin", {})
    writer.lexicon(lambda path: path.write_text("") and {} or {})
    writer.begin("train")
    for number in range(3):
        writer.append("train", unit(number), blocks(10 + number))
    writer.end("train")
    writer.finish(sentencepiece_tokenizer.encoder, 1, {"splits": {"train": {"blocks": 6}}})
    tokens = MMapIndexedDataset(str(tmp_path / "bin" / "train.syn"))
    assert [item.tolist() for item in tokens] == [
        [value] * size for value in (10, 11, 12) for size in (2, 3)
    ]
    labels = MMapIndexedDataset(str(tmp_path / "bin" / "train.syn_labels"))
    np.testing.assert_array_equal(labels.sizes, tokens.sizes)
    assert not (tmp_path / "bin" / "work").exists()
    manifest = json.loads((tmp_path / "bin" / "manifest.json").read_text())
    on_disk = {p.name: p.stat().st_size for p in (tmp_path / "bin").iterdir()}
    del on_disk["manifest.json"]
    assert {name: entry["bytes"] for name, entry in manifest["files"].items()} == on_disk


def test_a_killed_writer_goes_on_at_its_journal(tmp_path, monkeypatch):
    monkeypatch.setattr("data_prep.triplets.databin_writer._JOURNAL_SECONDS", 0.0)
    first = DatabinWriter(tmp_path / "bin", {"seed": 1})
    assert first.begin("train") == (0, "")
    first.append("train", unit(0), blocks(1))
    # Killed: bytes after the last journal entry, no end, the lock gone with the process.
    monkeypatch.setattr("data_prep.triplets.databin_writer._JOURNAL_SECONDS", 1e9)
    first.append("train", unit(1), blocks(2))
    for file in first._files.values():
        file.close()
    first._lock.close()
    again = DatabinWriter(tmp_path / "bin", {"seed": 1})
    assert again.begin("train") == (1, "digest 0")
    again.append("train", unit(1), blocks(3))
    again.end("train")
    stored = np.fromfile(tmp_path / "bin.partial" / "train.ori.bin", dtype=np.uint16)
    assert stored.tolist() == [1] * 5 + [3] * 5
    assert again.stats("train") == Counter(blocks=4, words=10)


def test_other_settings_another_process_and_existing_folders_are_refused(tmp_path):
    writer = DatabinWriter(tmp_path / "bin", {"seed": 1})
    with (
        ProcessPoolExecutor(1, mp_context=get_context("fork")) as other,
        pytest.raises(InputError, match="another process"),
    ):
        other.submit(DatabinWriter, tmp_path / "bin", {"seed": 1}).result()
    writer.begin("train")
    writer.end("train")
    writer._lock.close()
    with pytest.raises(InputError, match="another seed"):
        DatabinWriter(tmp_path / "bin", {"seed": 2})
    os.makedirs(tmp_path / "full" / "something")
    with pytest.raises(InputError, match="exists already"):
        DatabinWriter(tmp_path / "full", {})


def test_nothing_stays_of_a_text_without_triplets(tmp_path, sentencepiece_tokenizer):
    writer = DatabinWriter(tmp_path / "bin", {})
    writer.begin("train")
    writer.end("train")
    with pytest.raises(InputError, match="no triplet"):
        writer.finish(sentencepiece_tokenizer.encoder, 1, {})
    assert list(tmp_path.iterdir()) == []


def test_only_what_belongs_to_it_is_in_the_manifest(tmp_path, sentencepiece_tokenizer):
    """A kill while the manifest is written leaves manifest.json.tmp."""
    writer = DatabinWriter(tmp_path / "bin", {})
    writer.lexicon(lambda path: path.write_text("") and {} or {})
    writer.begin("train")
    writer.append("train", unit(0), blocks(10))
    writer.end("train")
    (tmp_path / "bin.partial" / "manifest.json.tmp").write_text("{")
    writer.finish(sentencepiece_tokenizer.encoder, 1, {})
    manifest = json.loads((tmp_path / "bin" / "manifest.json").read_text())
    assert "manifest.json.tmp" not in manifest["files"]


def test_the_lexicon_of_a_run_without_a_unit_is_learned_again(tmp_path):
    """The text may have become another: nothing of it is in the journal."""
    learned = []

    def learn(path):
        learned.append(path)
        path.write_text("")
        return {}

    first = DatabinWriter(tmp_path / "bin", {})
    first.lexicon(learn)
    first._lock.close()
    second = DatabinWriter(tmp_path / "bin", {})
    second.lexicon(learn)
    second.begin("train")
    second.append("train", unit(0), blocks(1))
    second.end("train")
    second._lock.close()
    DatabinWriter(tmp_path / "bin", {}).lexicon(learn)
    assert len(learned) == 2


def abandoned(tmp_path) -> Path:
    """The partial folder of a run that has ended after a unit."""
    writer = DatabinWriter(tmp_path / "bin", {})
    writer.begin("train")
    writer.append("train", unit(0), blocks(1))
    writer.end("train")
    writer._lock.close()
    return tmp_path / "bin.partial"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", '{"fingerprint": {}, "splits": {"train": 1}}', "[" * 100_000],
)
def test_a_damaged_journal_is_refused(tmp_path, text):
    folder = abandoned(tmp_path)
    (folder / "work" / "journal.json").write_text(text)
    with pytest.raises(InputError, match=f"journal.json: damaged .*; remove {folder} to begin"):
        DatabinWriter(tmp_path / "bin", {})


def test_a_file_that_has_lost_what_was_written_is_refused(tmp_path):
    """Else it would be filled up with zeros."""
    folder = abandoned(tmp_path)
    os.truncate(folder / "train.syn.bin", 3)
    with pytest.raises(InputError, match=f"train.syn.bin: shorter than .*; remove {folder}"):
        DatabinWriter(tmp_path / "bin", {}).begin("train")
