"""run/setup.sh with an environment of the user's: it is used as it is, or told what it lacks."""

import os
import shutil
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
        f"setup: error: torch is not installed; run: {python} -m pip install 'torch>=2.10,<2.14'\n"
    )
    assert sorted(tmp_path.rglob("*")) == before


def pretend(folder, versions):
    """Makes a folder which tells of other versions than are installed."""
    for name, version in versions.items():
        (folder / f"{name}-{version}.dist-info").mkdir()
        (folder / f"{name}-{version}.dist-info" / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )


def test_a_named_environment_with_older_versions_is_told_the_command(tmp_path):
    pretend(tmp_path, {"nltk": "3.9.1", "sentencepiece": "0.2.0"})
    run = source_setup(sys.executable, "echo reached", PYTHONPATH=str(tmp_path))
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr == (
        "setup: error: nltk 3.9.1, sentencepiece 0.2.0 cannot be used; "
        f"run: {sys.executable} -m pip install 'nltk>=3.10,<4' 'sentencepiece>=0.2.3,<0.3'\n"
    )


def test_a_named_environment_with_newer_versions_is_used_with_a_word_about_them(tmp_path):
    pretend(tmp_path, {"numpy": "2.9.0"})
    run = source_setup(sys.executable, "echo reached", PYTHONPATH=str(tmp_path))
    assert run.returncode == 0, run.stderr
    assert run.stdout == "reached\n"
    assert run.stderr == "setup: newer than what the tests have seen: numpy 2.9.0\n"


def test_a_torchaudio_of_another_build_is_told_how_to_remove_it(tmp_path):
    (tmp_path / "torchaudio.py").write_text("raise OSError('libc10_cuda.so: cannot open')\n")
    run = source_setup(sys.executable, "echo reached", PYTHONPATH=str(tmp_path))
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr == (
        "setup: error: torchaudio cannot be imported (OSError: libc10_cuda.so: cannot open); "
        f"run: {sys.executable} -m pip uninstall --yes torchaudio\n"
    )


def test_a_fairseq_that_does_not_work_is_told_the_command(tmp_path):
    (tmp_path / "fairseq.py").write_text("raise ValueError('a mutable default')\n")
    run = source_setup(sys.executable, "echo reached", PYTHONPATH=str(tmp_path))
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr == (
        "setup: error: fairseq cannot be imported (ValueError: a mutable default); "
        f"run: {sys.executable} -m pip install --force-reinstall --no-deps --no-build-isolation "
        "fairseq-fixed==0.12.3.1\n"
    )


def find_python(path):
    return subprocess.run(
        [
            "bash",
            "-c",
            f"eval \"$(sed -n '/^find_python/,/^}}/p' {ROOT}/run/setup.sh)\"; find_python",
        ],
        check=False,
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
    )


def test_only_pythons_that_fairseq_is_made_for_are_taken(tmp_path):
    """A later one is refused before anything is downloaded."""
    for name in ("bash", "sed"):
        (tmp_path / name).symlink_to(shutil.which(name))
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")  # the answer of Python 3.13
    (tmp_path / "python3").chmod(0o755)
    refused = find_python(tmp_path)
    assert refused.returncode == 1 and refused.stdout == ""
    assert refused.stderr.startswith("setup: error: Python 3.11 or 3.12 is needed and neither ")
    (tmp_path / "python3.12").symlink_to(sys.executable)
    assert find_python(tmp_path).stdout == "python3.12\n"


def test_a_named_environment_must_be_a_python(tmp_path):
    run = source_setup(tmp_path / "python", "echo reached")
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr.count("\n") == 1 and str(tmp_path / "python") in run.stderr


def test_the_set_up_imports_all_that_it_has_installed(tmp_path):
    """--imports, before WordNet and test tools are there; the packages themselves are pinned."""
    (tmp_path / "torchaudio.py").write_text("raise OSError('libc10_cuda.so')")
    check = [sys.executable, ROOT / "run" / "lib" / "check_environment.py", "--imports"]
    for path, status in (("", 0), (str(tmp_path), 1)):
        run = subprocess.run(
            check,
            check=False,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
        )
        assert run.returncode == status and run.stdout == ""
    assert run.stderr.startswith(
        "setup: error: torchaudio cannot be imported (OSError: libc10_cuda"
    )
    assert run.stderr.endswith("-m pip uninstall --yes torchaudio\n")
