import sys

from fairseq_cline.evaluation.reports.provenance import ROOT, provenance


def test_a_recorded_command_holds_no_path_of_the_machine(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT / "run")
    words = ["benchmarks/cline_step.py", f"--text={tmp_path}/a.txt", "--arch", "tiny", "../b.json"]
    monkeypatch.setattr(sys, "orig_argv", ["/usr/bin/python3", *words])
    recorded = provenance()
    assert recorded["command"] == (
        "python run/benchmarks/cline_step.py --text=a.txt --arch tiny b.json"
    )
    assert recorded["commit"] and recorded["machine"] and recorded["torch"]


def test_torch_is_named_and_not_waited_for(monkeypatch):
    loaded = sys.modules["torch"].__version__
    monkeypatch.setitem(sys.modules, "torch", None)
    recorded = provenance()
    assert recorded["torch"] == loaded and recorded["machine"]
