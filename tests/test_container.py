"""The image of the environment: a pinned Python that fairseq has a wheel for, set up as recipes are."""

import json
import re
import shlex

from dry_runs import ROOT

FOLDER = ROOT / "run" / "container"


def instructions():
    """The instructions of the Dockerfile, as (name, words)."""
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    return [tuple(line.split(" ", 1)) for line in lines if line and not line.startswith("#")]


def test_the_image_is_made_by_the_set_up():
    assert [name for name, _ in instructions()] == [
        *("FROM", "ARG", "ENV", "WORKDIR", "COPY", "RUN", "ENV", "WORKDIR", "CMD")
    ]
    (base, _, _, (_, home), (_, copied), (_, run), (_, path), _, (_, command)) = instructions()
    assert re.fullmatch(r"python:3\.12\.\d+-slim-bookworm", base[1])
    assert copied == ". ." and shlex.split(run) == ["bash", "-c", ". run/setup.sh"]
    assert path == f"PATH={home}/.venv/bin:$PATH"
    assert json.loads(command) == ["fairseq-cline"]


def test_code_and_recipes_alone_go_into_the_image():
    lines = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*" and rules[-1] == "**/__pycache__"
    copied = [rule.removeprefix("!") for rule in rules[1:-1]]
    assert all((ROOT / name).exists() for name in copied)
    # Files that the set-up reads, and the long description.
    assert {"setup.py", "pyproject.toml", "requirements", "run", "README.md"} < {*copied}
    assert {"data_prep", "fairseq_cline", "tests"} < {*copied}
