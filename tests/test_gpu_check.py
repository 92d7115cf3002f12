"""The check on a GPU, without one: its commands, what it reads of a log, and what it calls wrong."""

import importlib
import json
import math
import sys
import time

import pytest
import torch
from binaries import REPOSITORY
from fairseq import options

AHEAD = math.inf


@pytest.fixture(scope="module")
def gpu_check():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "path", [str(REPOSITORY / "run" / "benchmarks"), *sys.path])
        yield importlib.import_module("gpu_check")


@pytest.fixture(scope="module")
def all_steps(gpu_check):
    return importlib.import_module("all_steps")


@pytest.fixture(scope="module")
def data(gpu_check, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    gpu_check.write_data(folder)
    return folder


def log(*losses, **more):
    lines = (json.dumps({"loss": str(loss), **more}) for loss in losses)
    return "\n".join(f"2026 | INFO | train_inner | {line}" for line in lines)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_so(gpu_check, tmp_path):
    with pytest.raises(SystemExit, match="torch finds no GPU; --cpu") as ended:
        gpu_check.main(["--output", str(tmp_path / "a.json")])
    assert "\n" not in ended.value.code
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("cpu", [True, False])
def test_every_command_is_one_of_fairseq_train(gpu_check, data, cpu):
    precisions = [*gpu_check.FLAGS]
    for number, (name, words) in enumerate(gpu_check.trainings(cpu).items()):
        precision = precisions[number % 3]
        words = gpu_check.command(data, words, precision, 7, cpu)
        parsed = options.parse_args_and_arch(options.get_training_parser(), words)
        assert (parsed.fp16, parsed.bf16) == (precision == "fp16", precision == "bf16"), name
        assert parsed.cpu == cpu and parsed.dropout == 0 and parsed.max_update == 7
        assert parsed.data.startswith(str(data))
    tasks = " ".join(gpu_check.trainings(cpu))
    for task in ("atcl_lm", "atcl_translation", "cline_pretrain", "dcl_pretrain", "clld_class"):
        assert task in tasks
    assert "freelb" in tasks


def test_a_task_trains_in_all_precisions(gpu_check, data, binaries, monkeypatch, tmp_path):
    def start(arguments, seconds):
        assert seconds > 0
        done = binaries.run("-m", "fairseq_cli.train", *arguments, cwd=tmp_path)
        return done.returncode, done.stdout + done.stderr

    freelb = gpu_check.trainings(cpu=True)["freelb"]
    monkeypatch.setattr(gpu_check, "trainings", lambda cpu: {"freelb": freelb})
    results = gpu_check.train_all(data, 3, True, AHEAD, start)
    assert gpu_check.differences(results) == []
    for found in results["freelb"].values():
        assert found["updates"] == 3 and 0.3 < found["loss"] < 3
        assert found["peak_memory_gib"] is None


def test_what_is_read_of_a_log(gpu_check):
    output = log(*range(20, 8, -1), gb_free="70.5") + "\nNOTE: gradient overflow detected, x\n"
    assert gpu_check.figures(output, 80.0) == {
        "updates": 12,
        "skipped": 1,
        "first_loss": 20.0,
        "loss": 13.5,
        "peak_memory_gib": 9.5,
    }
    assert gpu_check.figures("a\nfairseq_cline: error: b", 80.0) == {
        "error": "fairseq_cline: error: b"
    }


def test_what_is_wrong(gpu_check):
    results = {
        "a": {"fp32": {"loss": 2.0}, "fp16": {"loss": 2.05}, "bf16": {"loss": 2.2}},
        "b": {"fp32": {"loss": 2.0}, "fp16": {"loss": math.nan}, "bf16": {"error": "no memory"}},
    }
    assert gpu_check.differences(results) == [
        "a, bf16: loss 2.2, in fp32 2.0",
        "b, fp16: loss nan, in fp32 2.0",
        "b, bf16: no memory",
    ]


def test_what_the_time_is_too_short_for_is_left_out(gpu_check, all_steps, tmp_path):
    results = gpu_check.train_all(tmp_path, 3, True, time.monotonic() - 1, pytest.fail)
    wrong = gpu_check.differences(results)
    assert len(wrong) == 3 * len(gpu_check.trainings(cpu=True))
    assert all("left out" in line for line in wrong)
    steps, left_out = all_steps.measure_steps(torch.device("cpu"), 0.0, 2, [*all_steps.STEPS])
    assert steps == [] and len(left_out) == 6


def test_the_ratios_of_the_steps(all_steps, monkeypatch):
    ratio = {"median": 2.0, "quartiles": [1.0, 3.0]}

    def measure(arch, precision, device, repetitions):
        ours = {"ratio": {"ATCL": ratio}} if arch == "a" else {"ratio": ratio, "early 1": ratio}
        return {"arch": arch, "precision": precision, "seconds": {"plain": ratio}, **ours}

    monkeypatch.setattr(all_steps, "STEPS", {"one": (measure, ("a", "b"))})
    steps, left_out = all_steps.measure_steps(torch.device("cpu"), AHEAD, 2, ["one"])
    assert left_out == []
    assert [*map(all_steps.medians, steps)] == [{"ATCL": 2.0}, {"ratio": 2.0, "early 1": 2.0}]


@pytest.mark.parametrize("bf16, status", [(2.0, 0), (3.0, 1)])
def test_the_report(gpu_check, monkeypatch, tmp_path, capsys, bf16, status):
    results = {"a": {"fp32": {"loss": 2.0}, "fp16": {"loss": 2.0}, "bf16": {"loss": bf16}}}
    monkeypatch.setattr(gpu_check, "train_all", lambda *_: results)
    with pytest.raises(SystemExit) as ended:
        gpu_check.main(["--cpu", "--output", str(tmp_path / "a.json")])
    assert ended.value.code == status
    report = json.loads((tmp_path / "a.json").read_text())
    assert report["trainings"] == results and report["device"] == "cpu"
    assert len(report["wrong"]) == status
    assert ("wrong: a, bf16: loss 3.0" in capsys.readouterr().out) == bool(status)
