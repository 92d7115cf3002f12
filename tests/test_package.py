"""The installed package: its metadata, and the command that prints where it is."""

import runpy
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
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
def test_other_pythons_are_refused_and_nothing_is_downloaded_for_them(metadata, python):
    assert python not in SpecifierSet(metadata["python_requires"])
    assert chosen_for(metadata, python) == {}  # pip 24 downloads torch, then looks at the range
    for file in (ROOT / "requirements").glob("*.txt"):
        for line in file.read_text().splitlines():
            if line.startswith(("torch", "fairseq")):
                assert not Requirement(line).marker.evaluate({"python_version": python})


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


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """The wheel and the source distribution of the tree, and the content of both: name -> bytes."""
    tree = tmp_path_factory.mktemp("build") / "tree"
    leave_out = shutil.ignore_patterns(".venv", ".git", ".*_cache", "__pycache__", "*.egg-info")
    shutil.copytree(ROOT, tree, ignore=leave_out)
    build = "from setuptools import build_meta as b; b.build_sdist('dist'); b.build_wheel('dist')"
    subprocess.run([sys.executable, "-c", build], check=True, cwd=tree, capture_output=True)
    (wheel,) = (tree / "dist").glob("*.whl")
    (sdist,) = (tree / "dist").glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as opened:
        in_wheel = {name: opened.read(name) for name in opened.namelist()}
    with tarfile.open(sdist) as opened:
        in_sdist = {m.name.partition("/")[2] for m in opened.getmembers() if m.isfile()}
    return in_wheel, in_sdist


@pytest.mark.binaries
def test_the_wheel_has_the_code_and_what_it_reads(distributions):
    in_wheel, _ = distributions
    code = {
        path.relative_to(ROOT).as_posix()
        for top in ("fairseq_cline", "data_prep")
        for path in (ROOT / top).rglob("*")
        if path.suffix in (".py", ".json") or path.name == "py.typed"
    }
    assert {"fairseq_cline/py.typed", "fairseq_cline/console/commands.json"} < code
    assert {name for name in in_wheel if ".dist-info/" not in name} == code


@pytest.mark.binaries
def test_the_wheel_says_what_it_is(distributions):
    in_wheel, _ = distributions
    named = {name.rpartition("/")[2]: text.decode() for name, text in in_wheel.items()}
    told = Parser().parsestr(named["METADATA"])
    assert all(method in told["Summary"] for method in ("ATCL", "DCL", "CLINE", "CLLD"))
    assert told["License-Expression"] == "MIT" and "LICENSE" in named
    assert told["Requires-Python"] == ">=3.11,<3.13"
    assert told["Description-Content-Type"] == "text/markdown"
    assert told.get_payload().strip() == (ROOT / "README.md").read_text().strip()
    assert "Typing :: Typed" in told.get_all("Classifier")
    assert {*told.get_all("Provides-Extra")} >= {"prep", "plots", "attack", "pretrained", "parquet"}
    assert "fairseq-cline = fairseq_cline.console.program:main" in named["entry_points.txt"]


@pytest.mark.binaries
def test_the_source_distribution_has_recipes_requirements_and_tests(distributions):
    _, in_sdist = distributions
    tops = ("fairseq_cline", "data_prep", "requirements", "run", "tests", ".ci")
    wanted = {
        path.relative_to(ROOT).as_posix()
        for top in tops
        for path in (ROOT / top).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    wanted |= {"LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "setup.py", "MANIFEST.in"}
    assert wanted - in_sdist == set()
