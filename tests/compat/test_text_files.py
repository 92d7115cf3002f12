"""Copies of a data-bin's tokenizer and labels in the folder of the checkpoints."""

from pathlib import Path

import pytest

from data_prep.errors import InputError
from data_prep.files.manifests import write_manifest
from fairseq_cline.compat.text_files import copy_text_files

PAIRS = ("dict.txt", "spm.model", "label/dict.txt", "input1/dict.txt")


def write_files(folder: Path, names) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{folder.name}: {name}\n")
    return folder


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


@pytest.fixture
def save_dir(tmp_path):
    (tmp_path / "save").mkdir()
    return tmp_path / "save"


@pytest.mark.parametrize(
    ("there", "copied"),
    [
        ([*PAIRS, "input0/dict.txt", "train.bin"], PAIRS),
        (["dict.txt", "encoder.json", "vocab.bpe"], ["dict.txt", "encoder.json", "vocab.bpe"]),
        (["dict.txt", "tokenizer.json"], ["dict.txt", "tokenizer.json"]),
        (["dict.txt", "words.json"], ["dict.txt", "words.json"]),
        (["dict.txt", "encoder.json"], []),  # half of a tokenizer
        (["dict.xx.txt", "spm.model"], []),  # of translation
        (["dict.txt", "label/dict.txt"], ["label/dict.txt"]),
    ],
)
def test_tokenizer_and_labels_are_copied(tmp_path, save_dir, there, copied):
    data = write_files(tmp_path / "data", there)
    copy_text_files(str(data), str(save_dir))
    assert contents(save_dir) == {name: f"data: {name}\n" for name in copied}


def test_equal_files_stay_and_others_are_replaced(tmp_path, save_dir):
    data = write_files(tmp_path / "data", PAIRS)
    copy_text_files(str(data), str(save_dir))
    before = {name: (save_dir / name).stat().st_ino for name in PAIRS}
    (save_dir / "label/dict.txt").write_text("others\n")
    copy_text_files(str(data), str(save_dir))
    after = {name: (save_dir / name).stat().st_ino for name in PAIRS}
    assert {name for name in PAIRS if before[name] != after[name]} == {"label/dict.txt"}
    assert contents(save_dir) == {name: f"data: {name}\n" for name in PAIRS}


def test_the_data_bin_may_be_the_save_dir(tmp_path):
    data = write_files(tmp_path / "data", PAIRS)
    copy_text_files(str(data), str(data))
    assert contents(data) == {name: f"data: {name}\n" for name in PAIRS}


def test_two_tokenizers_in_one_folder_are_refused(tmp_path, save_dir):
    data = write_files(tmp_path / "data", PAIRS)
    write_files(save_dir, ["dict.txt", "tokenizer.json"])
    before = contents(save_dir)
    with pytest.raises(InputError, match="--save-dir .*save: has tokenizer.json.* spm.model; give"):
        copy_text_files(str(data), str(save_dir))
    assert contents(save_dir) == before


def test_a_damaged_tokenizer_is_not_copied(tmp_path, save_dir):
    data = write_files(tmp_path / "data", PAIRS)
    write_manifest(data, "classification", 1)
    (data / "spm.model").write_text("d" + (data / "spm.model").read_text()[1:].upper())
    with pytest.raises(InputError, match=r"spm.model: its SHA-256 is not that in manifest.json"):
        copy_text_files(str(data), str(save_dir))
    assert contents(save_dir) == {}
    copy_text_files(str(data), str(save_dir), verify=False)
    assert set(contents(save_dir)) == {*PAIRS}
