import subprocess
import sys
from pathlib import Path

import pytest
import torch

from fairseq_cline.evaluation.reports import provenance as origin
from fairseq_cline.evaluation.reports.provenance import (
    ROOT,
    modified_commit,
    provenance,
    shown_paths,
)


def test_a_recorded_command_holds_no_path_of_the_machine(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT / "run")
    words = ["benchmarks/cline_step.py", f"--text={tmp_path}/a.txt", "--arch", "tiny", "../b.json"]
    monkeypatch.setattr(sys, "orig_argv", ["/usr/bin/python3", *words])
    recorded = provenance()
    assert recorded["command"] == (
        "python run/benchmarks/cline_step.py --text=a.txt --arch tiny b.json"
    )
    assert recorded["commit"] and recorded["machine"] and recorded["torch"]
    assert "checkpoints" not in recorded


def test_checkpoints_of_one_name_are_told_apart(monkeypatch, tmp_path):
    paths = {}
    for row, updates in (("baseline", 800), ("atcl", 900)):
        paths[row] = str(tmp_path / row / "seed1" / "checkpoint_last.pt")
        Path(paths[row]).parent.mkdir(parents=True)
        torch.save({"optimizer_history": [{"num_updates": updates}]}, paths[row])
    words = ["-m", "hits", *(f"{name}={path}" for name, path in paths.items()), "--cpu"]
    monkeypatch.setattr(sys, "orig_argv", ["python", *words])
    recorded = provenance(paths)
    assert recorded["command"] == (
        "python -m hits baseline=baseline/seed1/checkpoint_last.pt "
        "atcl=atcl/seed1/checkpoint_last.pt --cpu"
    )
    assert recorded["checkpoints"] == {
        "baseline": {"checkpoint": "baseline/seed1/checkpoint_last.pt", "updates": 800},
        "atcl": {"checkpoint": "atcl/seed1/checkpoint_last.pt", "updates": 900},
    }


@pytest.mark.parametrize("content", [{}, {"optimizer_history": [{"num_updates": "<b>"}]}, [1]])
def test_a_checkpoint_without_updates_is_named_all_the_same(content, tmp_path):
    torch.save(content, tmp_path / "model.pt")
    recorded = provenance({"m": str(tmp_path / "model.pt")})
    assert recorded["checkpoints"] == {"m": {"checkpoint": "model.pt"}}


def test_paths_are_no_longer_than_they_must_be():
    paths = [Path("/x/a/1/m.pt"), Path("/x/b/1/m.pt"), Path("/x/b/2/m.pt"), ROOT / "run" / "m.pt"]
    shown = shown_paths([*paths, paths[0]])
    assert [*shown.values()] == ["a/1/m.pt", "b/1/m.pt", "2/m.pt", "run/m.pt"]


def test_the_code_alone_decides_whether_a_commit_is_modified(monkeypatch, tmp_path):
    def git(*words):
        subprocess.run(["git", "-C", tmp_path, *words], check=True, capture_output=True)

    for folder in ("fairseq_cline", "run/results"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a").touch()
    git("init", "-q")
    git("add", ".")
    git("-c", "user.name=a", "-c", "user.email=a", "commit", "-qm", "a")
    monkeypatch.setattr(origin, "ROOT", tmp_path)
    (tmp_path / "run" / "results" / "a").write_text("a result")
    (tmp_path / "notes.md").touch()
    clean = provenance()
    assert len(clean["commit"]) == 7 and modified_commit({"provenance": clean}) == ""
    (tmp_path / "fairseq_cline" / "new.py").touch()
    modified = provenance()
    assert modified["commit"] == clean["commit"] + "+"
    assert modified_commit({"provenance": modified}) == modified["commit"]
    assert modified_commit({}) == modified_commit({"provenance": "mine"}) == ""


def test_torch_is_named_and_not_waited_for(monkeypatch):
    loaded = sys.modules["torch"].__version__.partition("+")[0]
    monkeypatch.setitem(sys.modules, "torch", None)
    recorded = provenance()
    # A wheel of PyPI's has no "+cu130" in its metadata.
    assert recorded["torch"].partition("+")[0] == loaded and recorded["machine"]
