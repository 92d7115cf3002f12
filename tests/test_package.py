"""The installed package: its metadata, and the command that prints where it is."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import setuptools
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import fairseq_cline

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def metadata():
    """The arguments that setup.py gives to setuptools, as ``{name: value}``."""
    told = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr(setuptools, "setup", told.update)
        runpy.run_path("setup.py")
    return told


def run_python(*words):
    return subprocess.run(
        [sys.executable, *words], check=False, cwd=ROOT, capture_output=True, text=True
    )


@pytest.mark.binaries
def test_the_command_prints_only_the_plugin_folder():
    """It is a part of nearly every documented command: it may not wait for torch or fairseq."""
    run = run_python("-X", "importtime", "-m", "fairseq_cline")
    assert run.returncode == 0, run.stderr
    assert run.stdout == f"{ROOT / 'fairseq_cline'}\n"
    imported = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert "pathlib" in imported
    assert not {"torch", "fairseq", "numpy", "fairseq_cline.plugin"} & imported


@pytest.mark.binaries
@pytest.mark.parametrize("imports", ["fairseq, fairseq_cline", "fairseq_cline.plugin"])
def test_importing_the_plugin_registers_its_parts(imports):
    run = run_python(
        "-c",
        f"import {imports}; from fairseq.tasks import TASK_REGISTRY; "
        "from fairseq.models import ARCH_MODEL_REGISTRY; "
        "from fairseq.criterions import CRITERION_REGISTRY; "
        "assert 'cline_pretrain' in TASK_REGISTRY, 'task'; "
        "assert 'cline_roberta_base' in ARCH_MODEL_REGISTRY, 'arch'; "
        "assert 'cline' in CRITERION_REGISTRY, 'criterion'",
    )
    assert run.returncode == 0, run.stderr
    # Once a process, where every log shows it.
    assert run.stderr.count("fairseq_cline mends: ") == 1


def test_version_is_that_of_the_package(metadata):
    assert metadata["version"] == fairseq_cline.__version__


def test_every_folder_of_code_is_installed(metadata):
    folders = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for top in ("fairseq_cline", "data_prep")
        for file in (ROOT / top).rglob("*.py")
    }
    assert set(metadata["packages"]) == folders


def chosen_for(metadata, python):
    """{name: versions} of what pip installs along on a Python."""
    requirements = map(Requirement, metadata["install_requires"])
    return {
        requirement.name: str(requirement.specifier)
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate({"python_version": python})
    }


@pytest.mark.parametrize("python", ["3.11", "3.12"])
def test_each_supported_python_gets_the_fairseq_that_works_there(metadata, python):
    assert python in SpecifierSet(metadata["python_requires"])
    chosen = chosen_for(metadata, python)
    assert chosen["fairseq-fixed"] == "==0.12.3.1"
    assert "fairseq" not in chosen
    assert chosen["torch"] == "<2.14,>=2.10"


@pytest.mark.parametrize("python", ["3.8", "3.10", "3.13"])
def test_other_pythons_are_refused_and_no_fairseq_is_chosen_for_them(metadata, python):
    assert python not in SpecifierSet(metadata["python_requires"])
    assert "fairseq-fixed" not in chosen_for(metadata, python)


def test_pinned_requirements_satisfy_the_package(metadata):
    pins = {}
    for file in (ROOT / "requirements").glob("*.txt"):
        for line in file.read_text().splitlines():
            if not line.startswith("#"):
                pin = Requirement(line)
                pins[pin.name] = str(pin.specifier).removeprefix("==")
    extras = metadata["extras_require"]
    wanted = [*metadata["install_requires"]]
    wanted += [*extras["prep"], *extras["plots"], *extras["parquet"]]
    for requirement in map(Requirement, wanted):
        assert pins[requirement.name] in requirement.specifier, requirement


def test_no_version_is_open_to_all_later_ones(metadata):
    """A new torch or numpy has broken fairseq more than once; raise a bound when the tests pass."""
    wanted = [*metadata["install_requires"], *metadata["extras_require"]["prep"]]
    open_ended = [
        line
        for line in wanted
        if not any(limit.operator in ("<", "==") for limit in Requirement(line).specifier)
    ]
    assert open_ended == []
