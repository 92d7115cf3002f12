import hashlib
import json
import os
import tracemalloc

import numpy as np
import pytest
import torch
from fairseq.data.indexed_dataset import MMapIndexedDatasetBuilder

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.manifests import VERSIONS, write_manifest
from fairseq_cline.data.triplet_databin import DataBin


def test_reads_what_was_written(databin):
    opened = DataBin(str(databin))
    split = opened.split("train")
    assert len(split.original) == 96
    first = opened.dictionary.string(split.original[0])
    assert first.split()[0].startswith("▁f")
    for tokens, labels in (
        (split.synonym[0], split.synonym_labels[0]),
        (split.antonym[0], split.antonym_labels[0]),
    ):
        pieces = opened.dictionary.string(tokens).split()
        for piece, label in zip(pieces, labels.tolist(), strict=False):
            assert label == (piece[1:2] in ("s", "a") or piece == "x")
        assert labels[-1] == 0


def test_word_begin_is_indexed_like_the_dictionary(databin):
    opened = DataBin(str(databin))
    assert len(opened.word_begin) == len(opened.dictionary)
    assert not opened.word_begin[: opened.dictionary.nspecial].any()
    for index in range(opened.dictionary.nspecial, len(opened.dictionary)):
        assert opened.word_begin[index] == opened.dictionary[index].startswith("▁")


def test_missing_folder(tmp_path):
    with pytest.raises(InputError, match="nowhere is not a folder"):
        DataBin(str(tmp_path / "nowhere"))


def test_no_manifest_means_unfinished(make_databin):
    folder = make_databin("bin", {"train": 2})
    (folder / "manifest.json").unlink()
    with pytest.raises(InputError, match="manifest.json is missing.*unfinished"):
        DataBin(str(folder))


@pytest.mark.parametrize("text", ["{", "[]", '{"format": "x"}', '{"format": "x", "version": 1}'])
def test_foreign_manifest(make_databin, text):
    folder = make_databin("bin", {"train": 2})
    (folder / "manifest.json").write_text(text)
    with pytest.raises(InputError, match="manifest.json"):
        DataBin(str(folder))


def test_newer_version(make_databin, monkeypatch):
    folder = make_databin("bin", {"train": 2})
    manifest = json.loads((folder / "manifest.json").read_text())
    monkeypatch.setitem(VERSIONS, "cline-triplets", 3)
    write_manifest(folder, "cline-triplets", 1, splits=manifest["splits"])
    monkeypatch.undo()
    with pytest.raises(InputError, match="has version 3 .* but this program reads version 2"):
        DataBin(str(folder))


def test_truncated_file(make_databin):
    folder = make_databin("bin", {"train": 2})
    path = folder / "train.syn.bin"
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(InputError, match="train.syn.bin: has .* bytes, but .* in manifest.json"):
        DataBin(str(folder))


def test_missing_file(make_databin):
    folder = make_databin("bin", {"train": 2})
    (folder / "train.ant_labels.idx").unlink()
    with pytest.raises(InputError, match="train.ant_labels.idx: missing, but in manifest.json"):
        DataBin(str(folder))


def test_another_dictionary_of_the_same_size(make_databin):
    folder = make_databin("bin", {"train": 2})
    text = (folder / "dict.txt").read_text()
    (folder / "dict.txt").write_text(text.replace("▁c0", "▁q0"))
    with pytest.raises(InputError, match="dict.txt: its SHA-256 is not that in manifest.json"):
        DataBin(str(folder))


@pytest.mark.parametrize("name", ["train.syn.bin", "train.ant_labels.idx"])
def test_a_changed_split_is_refused_when_it_is_opened(make_databin, name):
    folder = make_databin("bin", {"train": 2, "valid": 2})
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)
    DataBin(str(folder)).split("valid")
    with pytest.raises(InputError, match=f"{name}: its SHA-256 is not that in manifest.json"):
        DataBin(str(folder)).split("train")


def test_a_changed_split_can_be_read_all_the_same(make_databin, caplog):
    folder = make_databin("bin", {"train": 2})
    content = bytearray((folder / "train.ori.bin").read_bytes())
    content[0] ^= 1
    (folder / "train.ori.bin").write_bytes(content)
    assert len(DataBin(str(folder), verify=False).split("train").original) == 2
    assert caplog.messages == [f"{folder}: data not verified (--skip-verification)"]


@pytest.mark.parametrize(
    "text", ["", "1\n" * 42 + "2\n", "1\n" * 42 + "1", "1\n\n" * 22, "01\n" * 43]
)
def test_a_damaged_word_begin_table(make_databin, resign, text):
    folder = make_databin("bin", {"train": 2})
    (folder / "word_begin.txt").write_text(text)
    resign(folder)
    with pytest.raises(InputError, match="word_begin.txt"):
        DataBin(str(folder))


@pytest.mark.parametrize(
    "details",
    [
        {}, {"splits": {}}, {"splits": ["train"], "tokenizer": {"sha256": ""}},
        {"splits": {"train": 3}, "tokenizer": {"sha256": ""}}, {"splits": {}, "tokenizer": "x"},
        {"splits": {}, "tokenizer": {}},
    ],
)  # fmt: skip
def test_a_manifest_without_splits_or_tokenizer(make_databin, details):
    folder = make_databin("bin", {"train": 2})
    write_manifest(folder, "cline-triplets", 1, **details)
    with pytest.raises(
        InputError, match="manifest.json: does not say its splits and its tokenizer"
    ):
        DataBin(str(folder))


def test_unknown_split_lists_those_there(databin):
    with pytest.raises(InputError, match="no split .test.: name one of train, valid .--split"):
        DataBin(str(databin)).split("test")


@pytest.mark.parametrize(
    ("part", "lengths", "message"),
    [
        ("syn_labels", [1, 1], "does not have one label for each token of train.syn"),
        ("ant", [3], "train.ant.idx has 1 blocks, but train.ori.idx has 2"),
    ],
)
def test_parts_that_do_not_match(make_databin, resign, part, lengths, message):
    folder = make_databin("bin", {"train": 2})
    builder = MMapIndexedDatasetBuilder(str(folder / f"train.{part}.bin"), dtype=np.uint8)
    for length in lengths:
        builder.add_item(torch.zeros(length))
    builder.finalize(str(folder / f"train.{part}.idx"))
    resign(folder)
    with pytest.raises(InputError, match=message):
        DataBin(str(folder)).split("train")


def test_sha256_of_a_file_is_computed_in_little_memory(tmp_path):
    content = np.random.default_rng(1).bytes(1 << 23)
    (tmp_path / "large").write_bytes(content)
    tracemalloc.start()
    digest = file_sha256(str(tmp_path / "large"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert digest == hashlib.sha256(content).hexdigest()
    assert peak < len(content) // 4
