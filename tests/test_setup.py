"""run/setup.sh with an environment of the user's: it is used as it is, or told what it lacks."""

import os
import subprocess
import sys
import venv

import pytest
from dry_runs import ROOT

pytestmark = pytest.mark.binaries


def source_setup(python, then, **variables):
    environment = {"PATH": os.environ["PATH"], "FAIRSEQ_CLINE_PYTHON": str(python), **variables}
    return subprocess.run(
        ["bash", "-c", f". {ROOT}/run/setup.sh; {then}"],
        check=False,
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
    )


def test_a_named_environment_is_used_as_it_is():
    run = source_setup(sys.executable, 'echo "$PYTHON"; "$PYTHON" -m data_prep.resources --help')
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"{sys.executable}\nusage: python -m data_prep.resources")


def test_a_named_environment_that_lacks_something_is_told_the_command(tmp_path):
    venv.create(tmp_path / "bare")
    python = tmp_path / "bare" / "bin" / "python"
    before = sorted(tmp_path.rglob("*"))
    run = source_setup(python, "echo reached")
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr == (
        f"setup: error: torch is not installed; run: {python} -m pip install 'torch>=2.10'\n"
    )
    assert sorted(tmp_path.rglob("*")) == before


def test_a_named_environment_with_older_versions_is_told_the_command(tmp_path):
    for name, version in {"nltk": "3.9.1", "sentencepiece": "0.2.0"}.items():
        (tmp_path / f"{name}-{version}.dist-info").mkdir()
        (tmp_path / f"{name}-{version}.dist-info" / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
    run = source_setup(sys.executable, "echo reached", PYTHONPATH=str(tmp_path))
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr == (
        "setup: error: nltk 3.9.1, sentencepiece 0.2.0 cannot be used; "
        f"run: {sys.executable} -m pip install 'nltk>=3.10' 'sentencepiece>=0.2.3'\n"
    )


def test_a_named_environment_must_be_a_python(tmp_path):
    run = source_setup(tmp_path / "python", "echo reached")
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr.count("\n") == 1 and str(tmp_path / "python") in run.stderr
