"""fairseq's own tasks read data-bins of data_prep only if their files are as they were made."""

import os
from typing import Any

from fairseq import tasks, utils
from fairseq.tasks import TASK_REGISTRY

from data_prep.files.manifests import MANIFEST
from fairseq_cline.compat.patching import Wrapper, patch
from fairseq_cline.data.databin_folder import DatabinFolder


def set_up_on_verified_data(stock: Wrapper, cfg: Any, **kwargs: Any) -> Any:
    """Sets up a task; one of fairseq's only after all files of its data-bins were verified.

    It does not say which it will open. The tasks of this package verify what they open.

    Raises:
        InputError: a file is missing, or is not as it was made.
    """
    task = TASK_REGISTRY.get(getattr(cfg, "task", None) or getattr(cfg, "_name", None))
    data = getattr(cfg, "data", None)
    if task is not None and task.__module__.startswith("fairseq.") and isinstance(data, str):
        for folder in utils.split_paths(data):
            if os.path.lexists(os.path.join(folder, MANIFEST)):
                databin = DatabinFolder(folder, None, way_out=f"remove {MANIFEST}")
                databin.verify(*databin.files)
    return stock(cfg, **kwargs)


def prepare() -> None:
    """Makes the tasks of fairseq begin in this way."""
    patch(tasks, "setup_task", set_up_on_verified_data)
