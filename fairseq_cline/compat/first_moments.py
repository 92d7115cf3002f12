"""The first moment of a training, in each of its processes: before workers start, and in them.

A program calls its work by ``call_main``, here or in processes that it starts; fairseq-hydra-train has
read the plug-in only after that, so that a trainer which is made is looked at too.
"""

import os
from typing import Any

from fairseq.distributed import utils as distributed_utils
from fairseq.trainer import Trainer

from fairseq_cline.compat.interruptions import know_folder
from fairseq_cline.compat.log_services import check_services
from fairseq_cline.compat.patching import Wrapper, patch


def begin(cfg: Any) -> None:
    """Looks at the configuration of a training before it does anything."""
    check_services(cfg.common)
    know_folder(cfg.checkpoint)


def call_main(stock: Wrapper, cfg: Any, main: Any, **kwargs: Any) -> Any:
    """Calls the work of a program, which is a training if its main function is."""
    if os.path.basename(main.__code__.co_filename) == "train.py":
        begin(cfg)
    return stock(cfg, main, **kwargs)


def make_trainer(stock: Wrapper, trainer: Trainer, cfg: Any, *args: Any, **kwargs: Any) -> None:
    """Makes a trainer."""
    begin(cfg)
    stock(trainer, cfg, *args, **kwargs)


def prepare() -> None:
    """Makes fairseq's trainings begin in this way."""
    patch(distributed_utils, "call_main", call_main)
    patch(Trainer, "__init__", make_trainer)
