"""fairseq's own tasks refuse data-bins of data_prep that are not as they were made."""

import logging
from pathlib import Path

import pytest
from fairseq import options, tasks
from fairseq.dataclass.utils import convert_namespace_to_omegaconf

import fairseq_cline.plugin  # noqa: F401 - registers the tasks
from data_prep.errors import InputError
from data_prep.files.manifests import write_manifest

# Task -> its format, files of a data-bin, and flags.
TASKS = {
    "language_modeling": ("language-modeling", ("dict.txt", "train.bin"), ()),
    "translation": (
        "translation",
        ("dict.en.txt", "dict.de.txt", "train.en-de.en.bin"),
        ("-s", "en", "-t", "de"),
    ),
    "sentence_prediction": (
        "classification",
        ("input0/dict.txt", "label/dict.txt", "label/train.label"),
        ("--num-classes", "2", "--criterion", "sentence_prediction"),
    ),
    "masked_lm": ("language-modeling", ("dict.txt", "train.idx"), ()),
}


@pytest.fixture
def databin(request, tmp_path) -> tuple[str, Path]:
    """Name of a task, and a folder of files that it reads."""
    kind, names, _ = TASKS[request.param]
    for name in names:
        path = tmp_path / "bin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("old 1\nyoung 1\n")
    write_manifest(tmp_path / "bin", kind, generator=1)
    return request.param, tmp_path / "bin"


def set_up(task: str, data: str):
    words = [data, "--task", task, "--arch", "transformer", *TASKS[task][2]]
    parser = options.get_training_parser(task)
    cfg = convert_namespace_to_omegaconf(options.parse_args_and_arch(parser, words))
    return tasks.setup_task(cfg.task)


@pytest.mark.parametrize("databin", TASKS, indirect=True)
def test_one_changed_letter_in_any_file(databin):
    task, folder = databin
    assert set_up(task, str(folder))
    for name in TASKS[task][1]:
        path = folder / name
        whole = path.read_text()
        path.write_text(whole.replace("o", "u"))
        with pytest.raises(InputError, match=f"{name}: its SHA-256 .* or remove manifest.json$"):
            set_up(task, str(folder))
        path.unlink()
        with pytest.raises(InputError, match=f"{name}: missing"):
            set_up(task, str(folder))
        path.write_text(whole)
    assert set_up(task, str(folder))


@pytest.mark.parametrize("databin", ["language_modeling"], indirect=True)
def test_every_shard_is_verified_and_a_data_bin_without_a_manifest_is_read(databin, tmp_path):
    task, folder = databin
    other = tmp_path / "other"
    other.mkdir()
    (other / "train.bin").write_text("whole")
    write_manifest(other, "language-modeling", generator=1)
    (other / "train.bin").write_text("whale")
    with pytest.raises(InputError, match="other/train.bin: its SHA-256"):
        set_up(task, f"{folder}:{other}")
    (other / "manifest.json").unlink()
    assert set_up(task, f"{folder}:{other}")


@pytest.mark.parametrize("databin", ["language_modeling"], indirect=True)
def test_a_task_of_this_package_decides_itself(databin, caplog):
    """It has an option, which reads the changed file."""
    _, folder = databin
    (folder / "train.bin").write_text("new")
    words = [str(folder), "--task", "atcl_lm", "--arch", "transformer_lm", "--skip-verification"]
    words += ["--criterion", "cross_entropy"]
    parser = options.get_training_parser("atcl_lm")
    cfg = convert_namespace_to_omegaconf(options.parse_args_and_arch(parser, words))
    with caplog.at_level(logging.WARNING):
        assert tasks.setup_task(cfg.task)
    assert any("not verified (--skip-verification)" in line for line in caplog.messages)
