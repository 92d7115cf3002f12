"""A lock on the folder that a training writes its checkpoints into."""

import errno
import fcntl
import logging
import os

from data_prep.errors import InputError

logger = logging.getLogger(__name__)

_UNSUPPORTED = {errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
_locked: dict[tuple[int, int], int] = {}  # device and number of a folder -> its open descriptor


def lock_save_dir(folder: str) -> None:
    """Locks a folder until this process ends, in whatever way; nothing is written into it.

    A second call in the same process changes nothing.

    Raises:
        InputError: another training holds the lock.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    status = os.fstat(descriptor)
    if (status.st_dev, status.st_ino) in _locked:
        os.close(descriptor)
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise InputError(
                f"--save-dir {folder}: another training is writing into it; wait until it has "
                "ended, or give another --save-dir"
            ) from error
        if error.errno not in _UNSUPPORTED:
            raise
        logger.warning(
            f"--save-dir {folder}: its file system knows no locks ({error.strerror}), so that a "
            "second training into it would not be refused; do not start one"
        )
        return
    _locked[status.st_dev, status.st_ino] = descriptor


def _leave_to_parent() -> None:
    """Closes the locked folders in a forked child, which may live on when the training is killed."""
    for descriptor in _locked.values():
        os.close(descriptor)
    _locked.clear()


os.register_at_fork(after_in_child=_leave_to_parent)
