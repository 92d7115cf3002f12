"""The README of the evaluations: its table, its list of commands and its Python sessions."""

import ast
import re
import runpy
from pathlib import Path

import pytest

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


@pytest.fixture
def session(
    make_databin,
    encoder_checkpoints,
    opinions,
    opinion_classifier,
    lm_databin,
    lm_checkpoints,
    tmp_path,
    monkeypatch,
):
    """A folder with what the sessions name."""
    files = {
        "data-bin/wiki": make_databin("triplets", {"test": 12}),
        "data-bin/mr": opinions,
        "data-bin/ptb": lm_databin,
        "cline/checkpoint_best.pt": encoder_checkpoints["cline"],
        "mr/checkpoint_best.pt": opinion_classifier,
        "baseline/checkpoint_best.pt": lm_checkpoints["transformer"],
        "atcl/checkpoint_best.pt": lm_checkpoints["tensorized"],
    }
    for name, path in files.items():
        link = tmp_path / "session" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    monkeypatch.chdir(tmp_path / "session")


def test_the_sessions_run(session, tmp_path, capsys):
    printed = []
    for code in blocks("python"):
        (tmp_path / "session.py").write_text(code)
        runpy.run_path(str(tmp_path / "session.py"))
        printed.append(capsys.readouterr().out.splitlines())
    hits, accuracy, perplexity = printed
    assert hits[0].startswith("[0.0, ")  # the embedding of <s> is the same in all three
    assert set(ast.literal_eval(hits[1])) == {"layer", "hits", "standard_error"}
    assert re.fullmatch(r"\d+\.\d ± \d\.\d", accuracy[0])
    for line, name in zip(perplexity, ("baseline", "atcl"), strict=True):
        assert re.fullmatch(rf"{name} \[\d+\.\d+, \d+\.\d+, \d+\.\d+\]", line)
