"""The guard of the fast tier. These tests are of that tier themselves."""

import multiprocessing
import os
import pty
import subprocess
from types import SimpleNamespace

import pytest
import tiers


@pytest.mark.parametrize(
    ("start", "named"),
    [
        (lambda: subprocess.run(["/bin/true"], check=True), "subprocess.Popen: /bin/true"),
        (lambda: subprocess.check_output("true", shell=True), "subprocess.Popen: /bin/sh"),
        (lambda: os.system("true"), "os.system: true"),
        (lambda: os.posix_spawn("/bin/true", ["true"], {}), "os.posix_spawn: /bin/true"),
        (lambda: os.execv("/bin/true", ["true"]), "os.exec: /bin/true"),
        (lambda: pty.spawn(["/bin/true"]), "pty.spawn: /bin/true"),
    ],
)
def test_a_start_fails_the_test_and_names_it(request, start, named):
    with pytest.raises(pytest.fail.Exception) as caught:
        start()
    assert str(caught.value).startswith(f"{request.node.nodeid} starts a process ({named})")
    assert "@pytest.mark.binaries" in str(caught.value)


def test_git_and_forked_workers_are_no_starts():
    subprocess.run(["git", "--version"], check=True, capture_output=True)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map(abs, [-1]) == [1]


@pytest.mark.parametrize(
    ("fixtures", "marks"),
    [
        (["tmp_path"], []),
        (["binaries", "run_fairseq"], ["binaries"]),
        (["tmp_path", "dry_run"], ["binaries"]),
    ],
)
def test_fixtures_that_start_processes_mark_their_tests(fixtures, marks):
    given: list[str] = []
    tiers.mark([SimpleNamespace(fixturenames=fixtures, add_marker=given.append)])
    assert given == marks
