"""Outputs of every command: refused before the work where they cannot be; results are shown first."""

import os

import pytest
from toy_reports import classification, write_files

from data_prep.errors import InputError
from fairseq_cline.evaluation import (
    adversarial,
    attack_completion,
    classify,
    cline_tables,
    confused_pairs,
    contrast_sets,
    hits,
    invariance,
    label_distance,
    lm_robustness,
    neighbours,
    report,
    representation,
    seeds,
    similarity,
    translation_robustness,
)

MODEL = ("unread.pt", "--data", "unread")
EXAMPLES = (*MODEL, "--examples", "unread.tsv")
ATTACK = (*MODEL, "--attack", "pwws", "--logs", "logs")
# Command, the other arguments that it needs, and its outputs.
COMMANDS = [
    (hits, MODEL, "json plot"),
    (representation, MODEL, "json plot tsne"),
    (similarity, ("unread.pt", "--sts", "unread"), "json plot"),
    (lm_robustness, MODEL, "json plot"),
    (neighbours, (*MODEL, "--words", "a"), "json"),
    (attack_completion, MODEL, "json"),
    (translation_robustness, MODEL, "json plot"),
    (classify, MODEL, "json plot"),
    (invariance, (*MODEL, "--sets", "unread"), "json plot"),
    (contrast_sets, (*MODEL, "--sets", "unread"), "json plot"),
    (adversarial, EXAMPLES, "json plot"),
    (adversarial, ATTACK, "json plot"),
    (label_distance, MODEL, "json csv plot"),
    (confused_pairs, ("unread.json",), "output"),
    (seeds, ("unread.json",), "json"),
    (cline_tables, (".",), "json"),
    (report, (".",), "output"),
]
OUTPUTS = [
    pytest.param(command, others, flag, id=f"{command.__name__.rpartition('.')[2]}-{flag}")
    for command, others, flags in COMMANDS
    for flag in flags.split()
]
FOLDERS = [
    pytest.param(classify, MODEL, "predictions", id="classify"),
    pytest.param(translation_robustness, MODEL, "translations", id="translation_robustness"),
    pytest.param(adversarial, (*MODEL, "--attack", "pwws"), "logs", id="adversarial"),
]


@pytest.mark.parametrize(("command", "others", "flag"), OUTPUTS)
def test_a_file_that_cannot_be_written_is_refused_first(
    command, others, flag, tmp_path, monkeypatch, run_main
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "unread.pt").touch()
    (tmp_path / "unread.json").touch()
    for path, message in (
        ("absent/x", "its folder does not exist; make it first"),
        ("folder", "is a folder; give the name of a file"),
        ("", "is no name of a file; give one"),
        ("n" * 300, "no name of a file .File name too long.; give another"),
    ):
        with pytest.raises(InputError, match=f"^--{flag} {path}: {message}$"):
            run_main(command, *others, f"--{flag}", path)
    read = {"unread.pt", "unread.json"} & {*others}
    for path in read:
        with pytest.raises(InputError, match=f"^--{flag} {path}: is read by this command; give"):
            run_main(command, *others, f"--{flag}", path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match=f"^--{flag} new: its folder may not be written to; give"):
        run_main(command, *others, f"--{flag}", "new")
    assert sorted(os.listdir()) == ["folder", "unread.json", "unread.pt"]


@pytest.mark.parametrize(("command", "others", "flag"), FOLDERS)
def test_a_folder_that_cannot_be_made_is_refused_first(
    command, others, flag, tmp_path, monkeypatch, run_main
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    for path, message in (
        ("file", "exists already; choose another folder"),
        ("file/x", "file is no folder; choose another place"),
        ("/dev/null", "exists already; choose another folder"),
    ):
        with pytest.raises(InputError, match=f"^--{flag} {path}: .*{message}"):
            run_main(command, *others, f"--{flag}", path)
    assert os.listdir() == ["file"]


def test_no_command_is_without_these_checks():
    folder = os.path.dirname(hits.__file__)
    checked = {os.path.basename(command.__file__) for command, *_ in COMMANDS}
    for name in os.listdir(folder):
        if name.endswith(".py"):
            with open(os.path.join(folder, name), encoding="utf-8") as source:
                if "check_outputs(args" in source.read():
                    checked.discard(name)
    assert checked == set()


def test_results_are_shown_before_a_disk_is_full(opinions, opinion_classifier, run_main, capsys):
    with pytest.raises(InputError) as failed:
        run_main(
            classify, f"a={opinion_classifier}", "--data", opinions, "--cpu",
            "--json", "/dev/full", "--plot", "/dev/full",
        )  # fmt: skip
    assert capsys.readouterr().out.startswith("test, n = 41: percent ± standard error\n")
    full = "/dev/full: No space left on device; check its path, permissions and disk; "
    expected = f"--json {full}--plot {full}the results are those printed above"
    assert str(failed.value) == expected


def test_a_folder_that_fills_up_leaves_the_results(tmp_path, run_main, capsys, monkeypatch):
    write_files(tmp_path, {"seed1.json": classification("a", 50.0)})
    (tmp_path / "out").mkdir()

    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InputError, match="--json .*out/a.json: No space left on device; check"):
        run_main(seeds, tmp_path / "seed1.json", "--json", tmp_path / "out" / "a.json")
    assert "| a | 50.0 |" in capsys.readouterr().out
    assert os.listdir(tmp_path / "out") == []
