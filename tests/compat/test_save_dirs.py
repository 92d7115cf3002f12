"""The lock on a folder of checkpoints: one training each, and nothing is left behind."""

import errno
import fcntl
import logging
import os

import pytest

from data_prep.errors import InputError
from fairseq_cline.compat import save_dirs
from fairseq_cline.compat.save_dirs import lock_save_dir


@pytest.fixture(autouse=True)
def _unlock():
    yield
    save_dirs._leave_to_parent()


def is_locked(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def test_a_second_training_is_refused(tmp_path):
    other = os.open(tmp_path, os.O_RDONLY)  # as another process has it
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(InputError, match=r"another training is writing into it.*other --save-dir"):
        lock_save_dir(str(tmp_path))
    os.close(other)
    lock_save_dir(str(tmp_path))
    assert is_locked(tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_the_same_process_may_start_again(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to("a")
    lock_save_dir(str(tmp_path / "a"))
    lock_save_dir(str(tmp_path / "b"))
    assert is_locked(tmp_path / "a")


def test_a_child_that_lives_on_has_no_lock(tmp_path):
    """Data loaders are such children, and a kill of the training does not end them at once."""
    lock_save_dir(str(tmp_path))
    ready, release = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.write(ready[1], b"x")
        os.read(release[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    assert is_locked(tmp_path)
    save_dirs._leave_to_parent()  # what a kill does
    assert not is_locked(tmp_path)
    os.write(release[1], b"x")
    os.waitpid(child, 0)
    for end in (*ready, *release):
        os.close(end)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EBADF, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_named(tmp_path, monkeypatch, caplog, number):
    def flock(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    with caplog.at_level(logging.WARNING):
        lock_save_dir(str(tmp_path))
    assert f"--save-dir {tmp_path}: its file system knows no locks" in caplog.text
    monkeypatch.undo()
    assert not is_locked(tmp_path)


def test_another_error_is_not_hidden(tmp_path, monkeypatch):
    def flock(*_):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(OSError, match="broken"):
        lock_save_dir(str(tmp_path))
