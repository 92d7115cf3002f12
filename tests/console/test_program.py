"""``fairseq-cline``: its menu and help without torch, and the commands that it runs."""

import subprocess
import sys

import pytest

from data_prep import train_sentencepiece
from data_prep.files.command_menu import read_commands
from fairseq_cline.console import program
from fairseq_cline.console.describe_commands import describe_commands
from fairseq_cline.console.stored_commands import PACKAGES, PATH, stored_commands


def printed(capsys, *words):
    program.main(words)
    return capsys.readouterr().out


def test_what_is_stored_is_what_the_commands_take():
    """Repaired by ``python -m fairseq_cline.console.describe_commands``."""
    assert PATH.read_text() == describe_commands()


def test_every_command_is_in_the_menu_once(capsys):
    lines = [line.split()[0] for line in printed(capsys).splitlines() if "  " in line]
    root = PATH.parents[2]
    names = [
        command.name
        for package in PACKAGES
        for command in read_commands(root.joinpath(*package.split(".")), package)
    ]
    assert lines == names and len(names) > 30
    assert printed(capsys, "--help") == printed(capsys, "-h") == printed(capsys)


def test_the_help_is_that_of_the_command(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    found = printed(capsys, "train_sentencepiece", "text", "--help")
    with pytest.raises(SystemExit):
        train_sentencepiece.main(["--help"])
    live = capsys.readouterr().out
    assert found.startswith("usage: fairseq-cline train_sentencepiece [-h]")
    options = "\noptions:\n"
    assert found.partition(options)[1:] == live.partition(options)[1:] != ("", "")


def test_a_command_gets_its_words(tmp_path, capsys):
    text = tmp_path / "text"
    text.write_text("one two three four\n" * 9)
    words = [str(text), "--destdir", str(tmp_path / "spm"), "--vocab-size"]
    with pytest.raises(SystemExit) as end:
        program.main(["train_sentencepiece", *words, "1"])
    assert end.value.code == 1
    assert "train_sentencepiece: error: SentencePiece cannot train 1 " in capsys.readouterr().err
    program.main(["train_sentencepiece", *words, "270"])
    assert (tmp_path / "spm" / "dict.txt").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["hit"], "no command 'hit'; did you mean hits?"),
        (["make_triplet"], "no command 'make_triplet'; did you mean make_triplets?"),
        (["xyz"], "no command 'xyz'; fairseq-cline lists all"),
        (["--version"], "no command '--version'; fairseq-cline lists all"),
        (["completion"], "completion takes one shell: bash, zsh"),
        (["completion", "fish"], "completion takes one shell: bash, zsh"),
    ],
)
def test_wrong_words(capsys, words, message):
    with pytest.raises(SystemExit) as end:
        program.main(words)
    assert end.value.code == 1
    assert capsys.readouterr().err == f"fairseq-cline: error: {message}\n"


@pytest.mark.binaries
@pytest.mark.parametrize("words", [[], ["hits", "--help"], ["completion", "bash"]])
def test_neither_menu_nor_help_waits_for_torch(words):
    code = "from fairseq_cline.console.program import main; main()"
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code, *words],
        check=True,
        cwd=PATH.parents[2],
        capture_output=True,
        text=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert "json" in imported and "hits" in run.stdout
    assert not {"argparse", "torch", "fairseq", "numpy", "tqdm"} & imported


def test_stored_choices_and_values():
    (feature,) = [o for o in stored_commands()["encode"].options if "--feature" in o.flags]
    assert feature.choices == ["cls", "mean"] and feature.takes_value
    (cpu,) = [option for option in stored_commands()["hits"].options if "--cpu" in option.flags]
    assert not cpu.takes_value and not cpu.choices
