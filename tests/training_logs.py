"""Readers of fairseq's output and of the checkpoints that it leaves."""

import json
from pathlib import Path
from subprocess import CompletedProcess

import torch

import fairseq_cline.plugin  # noqa: F401  names the classes that a checkpoint may hold


def logged(done: CompletedProcess, kind: str = "train_inner") -> list[dict]:
    """The figures of every line of one kind (train_inner, train, valid) of ``--log-format json``."""
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    lines = (line.partition(f"| {kind} | ")[2] for line in output.splitlines())
    return [json.loads(line) for line in lines if line]


def assert_one_line_error(done: CompletedProcess, *parts: object) -> None:
    """The program failed and said so in one line with these parts, and without a traceback."""
    output = done.stdout + done.stderr
    lines = [line for line in output.splitlines() if line.startswith("fairseq_cline: error: ")]
    assert done.returncode != 0
    assert "Traceback" not in output and len(lines) == 1, output
    assert all(str(part) in lines[0] for part in parts), lines[0]


def saved(folder: Path, name: str = "checkpoint_last.pt") -> dict:
    """The content of a checkpoint."""
    return torch.load(folder / name, weights_only=True)


def weights(folder: Path, name: str = "checkpoint_last.pt") -> dict[str, torch.Tensor]:
    """The parameters and buffers of the model in a checkpoint."""
    return saved(folder, name)["model"]


def assert_equal_weights(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    """The two have the same names, each with the same numbers to the last bit."""
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert torch.equal(value, other[name]), name
