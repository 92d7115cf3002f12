"""The menu of the commands: nothing is left out, and nothing heavy is imported for it."""

import ast
import runpy
import sys
from pathlib import Path

import pytest

from data_prep.files.command_menu import menu, read_commands

FOLDER = Path(__file__).resolve().parents[2] / "data_prep"
LIBRARIES = {"__init__", "__main__", "errors"}
HEAVY = {"fairseq", "fairseq_cline", "nltk", "numpy", "sentencepiece", "spacy", "torch"}


def test_every_command_is_listed_with_the_first_line_of_its_docstring(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["data_prep"])
    runpy.run_module("data_prep", run_name="__main__")
    head, empty, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("python -m data_prep.COMMAND --help") and not empty
    expected = {
        path.stem: ast.get_docstring(ast.parse(path.read_text())).split("\n")[0].replace("``", "")
        for path in sorted(FOLDER.glob("*.py"))
        if path.stem not in LIBRARIES
    }
    assert dict(line.split(maxsplit=1) for line in lines) == expected


def test_each_line_is_a_sentence_that_fits_a_line():
    for command in read_commands(FOLDER, "data_prep"):
        assert command.summary[0].isupper() and command.summary.endswith((".", "?")), command
        assert len(command.summary) <= 100


def test_nothing_heavy_is_imported_for_it(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["data_prep"])
    ours = ("data_prep", *HEAVY)
    for name in [name for name in sys.modules if name.split(".")[0] in ours]:
        monkeypatch.delitem(sys.modules, name)
    runpy.run_module("data_prep", run_name="__main__")
    found = {name.split(".")[0] for name in sys.modules}
    assert not found & HEAVY
    for name in [name for name in sys.modules if name.split(".")[0] == "data_prep"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize(
    ("package", "word", "message"),
    [
        (
            "data_prep",
            "make_triplets",
            "'make_triplets' is no option; run: python -m data_prep.make_tr",
        ),
        ("data_prep", "frob", "'frob' is no option; without it all are listed"),
        ("fairseq_cline.evaluation", "hits", "run: python -m fairseq_cline.evaluation.hits"),
        ("fairseq_cline", "hits", "prints the plug-in's folder; fairseq-cline has the commands"),
    ],
)
def test_a_space_in_the_place_of_the_dot_is_one_line(monkeypatch, capsys, package, word, message):
    monkeypatch.setattr(sys, "argv", [package, word, "--seed", "1"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module(package, run_name="__main__")
    assert message in str(end.value) and str(end.value).startswith(f"{package}: error: ")
    assert capsys.readouterr().out == ""


def test_an_example_is_the_first_call_of_the_command(tmp_path):
    main = '\nif __name__ == "__main__":\n    main()\n'
    (tmp_path / "one.py").write_text(
        '"""Does one thing with ``this``.\n\nExample::\n\n    python -m other.two x\n'
        '    python -m ours.one a \\\\\n        --option b\n"""\n' + main
    )
    (tmp_path / "three.py").write_text('"""Does another.\n\nMore of it.\n"""\n' + main)
    (tmp_path / "library.py").write_text('"""Serves both."""\n')
    assert menu(tmp_path, "ours", examples=True).splitlines()[2:] == [
        "one    Does one thing with this.",
        "       python -m ours.one a --option b",
        "three  Does another.",
    ]


@pytest.mark.parametrize("name", ["resources", "make_triplets"])
def test_commands_show_how_they_are_called(name):
    shown = {command.name: command.example for command in read_commands(FOLDER, "data_prep")}
    assert shown[name].startswith(f"python -m data_prep.{name}")
