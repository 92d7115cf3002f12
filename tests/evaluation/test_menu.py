"""The menu of the evaluations; the commands that only read JSON import nothing heavy either."""

import runpy
import sys
from pathlib import Path

import pytest

from data_prep.files.command_menu import read_commands

EVALUATION = Path(__file__).resolve().parents[2] / "fairseq_cline" / "evaluation"
OURS = ("data_prep", "fairseq_cline")
HEAVY = ("fairseq", "matplotlib", "numpy", "scipy", "torch")


class RefuseHeavy:
    """Finds no heavy package."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in HEAVY:
            raise ImportError(f"{name} is imported")


@pytest.fixture
def run_light(monkeypatch, capsys):
    """Runs a module as ``python -m`` does, where importing a heavy package fails: its output."""
    hidden = {name for name in sys.modules if name.split(".")[0] in OURS or name in HEAVY}
    loaded = {name: sys.modules.pop(name) for name in hidden}
    monkeypatch.setattr(sys, "meta_path", [RefuseHeavy, *sys.meta_path])

    def run(module, *arguments):
        monkeypatch.setattr(sys, "argv", [module, *arguments])
        try:
            runpy.run_module(module, run_name="__main__")
        except SystemExit as end:
            assert end.code == 0
        return capsys.readouterr().out

    yield run
    for name in [name for name in sys.modules if name.split(".")[0] in OURS]:
        del sys.modules[name]
    sys.modules.update(loaded)


def test_every_evaluation_is_listed_with_its_question_its_table_and_an_example(run_light):
    lines = run_light("fairseq_cline.evaluation").splitlines()
    commands = [*read_commands(EVALUATION, "fairseq_cline.evaluation")]
    assert {path.stem for path in EVALUATION.glob("*.py")} - {one.name for one in commands} == {
        *("__init__", "__main__", "command_line")
    }
    for command in commands:
        (line,) = [line for line in lines if line.startswith(f"{command.name} ")]
        assert command.summary in line and len(command.summary) <= 100
        assert not command.example or any(line.endswith(command.example) for line in lines)
    assert any(line.startswith("hits ") and line.endswith("? [CLINE, Table 7]") for line in lines)
    assert not any("[CLINE, Tables 4, 5 and 6]" in line for line in lines)


@pytest.mark.parametrize("name", ["seeds", "report", "cline_tables"])
def test_commands_that_only_read_json_do_not_wait_for_torch(run_light, name):
    assert f"usage: python -m fairseq_cline.evaluation.{name}" in run_light(
        f"fairseq_cline.evaluation.{name}", "--help"
    )
