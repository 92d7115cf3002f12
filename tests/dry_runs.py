"""Recipes with DRY_RUN=1: what would be run, and fairseq's reading of it."""

import argparse
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from fairseq import options
from toy_encoders import write_plain_encoder

ROOT = Path(__file__).resolve().parents[1]
SOURCES_RECIPE = '. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"'
# Scripts of variables; those that train have a dry run.
WITH_VARIABLES = [
    script for script in sorted(ROOT.glob("run/*.sh")) if SOURCES_RECIPE in script.read_text()
]
RECIPES = [script for script in WITH_VARIABLES if "\n#   DRY_RUN " in script.read_text()]
CLINE, DCL = (ROOT / "run" / f"{name}_pretrain.sh" for name in ("cline", "dcl"))
# A dry run has no folder of text to find them in.
TASKS = {"cline_tables": "imdb snli", "clld": "trec mr", "dcl_wordnet": "mr"}


def script_name(path: Path) -> str:
    """The path of a script in the repository."""
    return str(path.relative_to(ROOT))


def variables_of(recipe: Path) -> list[str]:
    """The variables that the head of a recipe lists."""
    head = recipe.read_text().partition("\nset -euo")[0]
    return re.findall(r"^#   ([A-Z_]+)  ", head.partition("# Variables:")[2], re.MULTILINE)


def dry_runner(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess]:
    """Runs a recipe with DRY_RUN=1 and 32 GPUs, as if it were installed and had its inputs.

    It gets those of the variables below that it takes, and all that are named.
    """
    (tmp_path / "data").mkdir()
    write_plain_encoder(tmp_path / "model.pt")

    def run(recipe, *arguments, **variables):
        inputs = {
            "DRY_RUN": "1",
            "DATA": str(tmp_path / "data"),
            "TEXT": str(tmp_path / "data"),
            "TASKS": TASKS.get(recipe.stem),
            "ENCODER": str(tmp_path),
            "ARCH": "bert",  # None: the recipe asks for the options of the encoder, which takes seconds
            "CHECKPOINTS": f"mlm={tmp_path}/model.pt cline={tmp_path}/model.pt",
            "OUT": str(tmp_path / ("models" if recipe.stem == "robustness" else "check points")),
            "NUM_GPUS": "32",
            "SOURCE_LANG": "en",
            "TARGET_LANG": "de",
        }
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "FAIRSEQ_CLINE_PYTHON": sys.executable,
            **{name: inputs[name] for name in variables_of(recipe) if name in inputs},
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
