"""A process forked from the server is what a process started by Python is."""

import os
import signal
import subprocess
import sys
import time

import pytest

LATE = """
import atexit, threading, time
atexit.register(print, "at the end")
threading.Thread(target=lambda: (time.sleep(0.2), print("late"))).start()
"""


def test_output_error_and_status_are_kept_apart(binaries):
    code = "import sys; print('out', *sys.argv); print('err', file=sys.stderr); sys.exit(3)"
    done = binaries.run("-c", code, "a b", 7)
    assert (done.returncode, done.stdout, done.stderr) == (3, "out -c a b 7\n", "err\n")
    assert done.args == [sys.executable, "-c", code, "a b", "7"]


@pytest.mark.parametrize(
    "code",
    [
        "import sys; sys.exit('out of order')",
        "import os; os._exit(4)",
        "raise KeyboardInterrupt",
        "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
        "import logging; logging.warning('a'); logging.info('b'); print(logging.root.handlers)",
        "import sys; print(sys.stdin.read(), __name__, sys.argv, sys.path[0], sys.stdout.encoding)",
        LATE,
    ],
)
def test_a_program_behaves_as_with_python_itself(binaries, code):
    forked = binaries.run("-c", code, "word")
    true = subprocess.run(
        [sys.executable, "-c", code, "word"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert forked.returncode == true.returncode
    assert forked.stdout == true.stdout
    assert forked.stderr.splitlines()[-1:] == true.stderr.splitlines()[-1:]


def test_an_uncaught_exception_is_told_with_its_traceback(binaries):
    done = binaries.run("-c", "def fails():\n    raise ValueError('why')\nfails()")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("Traceback (most recent call last):\n")
    assert 'File "<string>", line 2, in fails\n' in done.stderr
    assert done.stderr.endswith("ValueError: why\n")


def test_surroundings(binaries, tmp_path, monkeypatch):
    monkeypatch.setenv("OURS", "1")
    code = (
        "import os, sys; print(os.getcwd(), os.environ['OURS'], os.environ['ITS'], "
        "oct(os.umask(0)), os.getpid() == os.getsid(0), sys.stdin.read())"
    )
    before = os.umask(0o027)
    try:
        options = {"cwd": tmp_path, "env": {"ITS": "2"}, "input": "süß", "new_session": True}
        done = binaries.run("-c", code, **options)
    finally:
        os.umask(before)
    assert done.stdout == f"{tmp_path} 1 2 0o27 True süß\n", done.stderr


def test_what_counts_at_the_start_of_python_only_is_refused(binaries, monkeypatch):
    with pytest.raises(ValueError, match="PYTHONHASHSEED.*use subprocess"):
        binaries.start("-c", "", env={"PYTHONHASHSEED": "1"})
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setenv("PYTHONWARNINGS", "error")  # fairseq's iterators set it, in this process
    told = "import os; print(os.environ['OMP_NUM_THREADS'], os.environ.get('PYTHONWARNINGS'))"
    assert binaries.run("-c", told).stdout == "1 None\n"


def test_nothing_is_left_over_from_an_earlier_process(binaries):
    code = (
        "import builtins, logging, os, random, sys; import numpy, torch\n"
        "print(hasattr(builtins, 'left'), 'LEFT' in os.environ, logging.root.level)\n"
        "print(random.random(), numpy.random.rand(), torch.rand(1).item())\n"
        "builtins.left = os.environ['LEFT'] = 'x'; logging.root.setLevel(1)"
    )
    first, second = (binaries.run("-c", code).stdout.split() for _ in range(2))
    assert first[:3] == second[:3] == ["False", "False", "30"]
    assert all(one != other for one, other in zip(first[3:], second[3:], strict=True))


def test_a_process_that_runs_can_be_killed(binaries):
    process = binaries.start("-c", "import time; print('begun', flush=True); time.sleep(60)")
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.1)
    process.send_signal(signal.SIGKILL)
    assert process.finish(10).returncode == process.poll() == -signal.SIGKILL
    process.send_signal(signal.SIGKILL)  # there is nothing to kill any more


def test_a_process_that_takes_too_long_is_killed(binaries):
    start = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        binaries.run("-c", "import time; time.sleep(60)", timeout=0.2)
    assert time.monotonic() - start < 30


def test_processes_run_side_by_side(binaries, tmp_path):
    code = (
        "import os, sys, time; open(sys.argv[1], 'w').close()\n"
        "while not os.path.exists(sys.argv[2]): time.sleep(0.01)"
    )
    names = [str(tmp_path / name) for name in "ab"]
    processes = [binaries.start("-c", code, *names), binaries.start("-c", code, *names[::-1])]
    assert [process.finish(30).returncode for process in processes] == [0, 0]


def test_the_plug_in_is_left_to_the_program(binaries):
    told = "print(*(n in sys.modules for n in ('torch', 'fairseq', 'fairseq_cline.plugin')))"
    assert binaries.run("-c", f"import sys; {told}").stdout == "True True False\n"
    done = binaries.run("-c", f"import sys, fairseq, fairseq_cline; {told}")
    assert done.stdout == "True True True\n"


def test_a_module_runs_as_the_main_program(binaries, tmp_path):
    (tmp_path / "here.py").write_text(
        "import sys; print(__name__, sys.argv, sys.modules['__main__'].__file__)"
    )
    done = binaries.run("-m", "here", "x", cwd=tmp_path)
    path = str(tmp_path / "here.py")
    assert done.stdout == f"__main__ {[path, 'x']} {path}\n", done.stderr
