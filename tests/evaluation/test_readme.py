"""The README of the evaluations: its table and its list of commands."""

import re
from pathlib import Path

from data_prep.files.command_menu import read_commands

EVALUATION = Path(__file__).resolve().parents[2] / "fairseq_cline" / "evaluation"
README = (EVALUATION / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_table_has_every_command_once():
    listed = re.findall(r"^\| .+ \| `(\w+)` \|", README, re.MULTILINE)
    names = [command.name for command in read_commands(EVALUATION, "fairseq_cline.evaluation")]
    assert sorted(listed) == names


def test_every_command_is_shown():
    """``tests/test_readme_commands.py`` runs them."""
    shown = re.findall(r"python -m fairseq_cline\.evaluation\.(\w+)", "".join(blocks("bash")))
    names = {command.name for command in read_commands(EVALUATION, "fairseq_cline.evaluation")}
    assert names <= {*shown}
