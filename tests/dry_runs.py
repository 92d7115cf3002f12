"""Recipes with DRY_RUN=1: what would be run, and fairseq's reading of it."""

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from fairseq import options
from toy_encoders import write_plain_encoder

ROOT = Path(__file__).resolve().parents[1]


def script_name(path: Path) -> str:
    """The path of a script in the repository."""
    return str(path.relative_to(ROOT))


def dry_runner(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess]:
    """Runs a recipe with DRY_RUN=1 and 32 GPUs, as if it were installed and had its inputs."""
    (tmp_path / "data").mkdir()
    write_plain_encoder(tmp_path / "model.pt")

    def run(recipe, *arguments, **variables):
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "FAIRSEQ_CLINE_PYTHON": sys.executable,
            "DRY_RUN": "1",
            "DATA": str(tmp_path / "data"),
            "ENCODER": str(tmp_path),
            "ARCH": "bert",  # None: the recipe asks for the options of the encoder, which takes seconds
            "CHECKPOINTS": f"mlm={tmp_path}/model.pt cline={tmp_path}/model.pt",
            "COUNTERFACTUAL": str(tmp_path / "data"),
            "SAVE_DIR": str(tmp_path / "check points"),
            "NUM_GPUS": "32",
            **variables,
        }
        return subprocess.run(
            ["bash", str(recipe), *arguments],
            check=False,
            cwd=tmp_path,
            env={name: value for name, value in environment.items() if value is not None},
            capture_output=True,
            text=True,
        )

    return run


def parse(
    run: subprocess.CompletedProcess,
) -> list[tuple[list[str], argparse.Namespace]]:
    """The launcher's words and fairseq's arguments of each command of a dry run, one a line."""
    assert run.returncode == 0, run.stderr
    commands = []
    for line in run.stdout.splitlines():
        words = shlex.split(line)
        start = words.index("fairseq-train")
        parser = options.get_training_parser()
        commands.append((words[:start], options.parse_args_and_arch(parser, words[start + 1 :])))
    return commands
