"""Checks an environment for ``run/setup.sh``: says in one line what is missing, and what installs it.

``--imports``: torch, torchaudio if it is there, fairseq and the plug-in. Without it, before that: the
pinned packages are there, and none is too old.
"""

import logging
import shlex
import sys
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # both packages are found by path in an environment of the user's

from data_prep.files.extras import EXTRAS, REQUIRED, module_of, package_of

PIP = f"{sys.executable} -m pip"
# The import of each, and what repairs it.
IMPORTS = {
    "torch": f"{PIP} install --force-reinstall {{torch}}",
    # Only fairseq's speech tasks use it, but libraries import it where it is installed.
    "torchaudio": f"{PIP} uninstall --yes torchaudio",
    "fairseq": f"{PIP} install --force-reinstall --no-deps --no-build-isolation {{fairseq}}",
    "fairseq_cline.plugin": f"{sys.executable} -c 'import fairseq_cline.plugin'",
}


def lacks(problem: str, command: str) -> SystemExit:
    return SystemExit(f"setup: error: {problem}; run: {command}")


def check_packages() -> None:
    """Ends with one line when a package is missing or too old; warns of one that is newer."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 12):
        version = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"setup: error: {sys.executable} is Python {version}; name one of 3.11 or 3.12")
    pins = [pin for pin in all_pins("run.txt") if not pin.startswith("torchaudio")]
    if find_spec("torch") is None:
        raise lacks("torch is not installed", f"{PIP} install {shlex.quote(limits('torch'))}")
    missing = [pin for pin in pins if find_spec(module_of(pin)) is None]
    if missing:
        words = " ".join(missing)
        raise lacks("some modules are not installed", f"{PIP} install --no-build-isolation {words}")
    from packaging.requirements import Requirement  # spacy needs it: it is here

    old: dict[str, str] = {}
    new: dict[str, str] = {}
    for line in (*REQUIRED, *EXTRAS["prep"], *EXTRAS["plots"]):
        requirement = Requirement(line)
        found = metadata.version(requirement.name)
        if not requirement.specifier.contains(found, prereleases=True):
            least = [str(limit) for limit in requirement.specifier if limit.operator == ">="]
            is_new = Requirement(requirement.name + ",".join(least)).specifier.contains(found)
            (new if is_new else old)[line] = f"{requirement.name} {found}"
    if old:
        words = " ".join(map(shlex.quote, old))
        raise lacks(f"{', '.join(old.values())} cannot be used", f"{PIP} install {words}")
    if new:
        line = f"setup: newer than what the tests have seen: {', '.join(new.values())}"
        print(line, file=sys.stderr)


def check_imports() -> None:
    """Ends with one line when one cannot be imported."""
    logging.disable()  # fairseq tells of optional packages
    for module, remedy in IMPORTS.items():
        if module == "torchaudio" and find_spec(module) is None:
            continue
        try:
            import_module(module)
        except Exception as error:  # a library that does not fit raises what it likes
            reason = " ".join(str(error).split())[:200]
            command = remedy.format(torch=pinned("torch"), fairseq=pinned("fairseq-fixed"))
            problem = f"{module} cannot be imported ({type(error).__name__}: {reason})"
            raise lacks(problem, command) from error


def limits(package: str) -> str:
    return next(line for line in REQUIRED if package_of(line) == package)


def pinned(package: str) -> str:
    pins = (*all_pins("build.txt"), *all_pins("run.txt"))
    return next(pin for pin in pins if package_of(pin) == package)


def all_pins(file: str) -> list[str]:
    """The pins of a file, without their markers."""
    lines = (ROOT / "requirements" / file).read_text().splitlines()
    return [line.partition(";")[0] for line in lines if not line.startswith("#")]


if __name__ == "__main__":
    if sys.argv[1:] != ["--imports"]:
        check_packages()
    check_imports()
